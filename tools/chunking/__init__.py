import asyncio
from tools.chunking.structure import Chunk, chunk
STRATEGIES={"structure":chunk}
async def cut(document, strategy):
    return await asyncio.to_thread(chunk, document)
