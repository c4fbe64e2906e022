"""Files to documents, in worker processes: a file that hangs, crashes or eats memory costs only itself."""

from tools.workers.part import Limits, Part

__all__ = ["Limits", "Part", "read_parts"]


async def read_parts(name: str, data: bytes, limits: Limits | None = None) -> list[Part]:
    """The document of a file and those of the files inside it, or why there is none, in the order of the file.

    There is at least one part. At most KAIROS_PARSE_WORKERS files are read at once, others wait in their order.
    Without `limits`, those of the settings hold. Cancelling ends the reading at once.
    Raises KairosError parse_unavailable if no process can be started.
    """
    from tools.workers.pool import pool, settings_limits

    return await pool().read(name, data, limits or settings_limits())
