"""Which tools fit a task: BM25 over their words and MiniLM vectors, in equal parts (convex combination)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tools.analyse import terms
from tools.embed.embedder import embedder
from tools.embed.question import embedded_question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MANY = 30
"""Tools that are offered to a model as they are; of more, the best fitting so many."""
K1, B = 0.9, 0.4
_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[._-]+")


class Described(Protocol):
    """What is known of a tool without calling it; parameters: JSON Schema."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...


ToolT = TypeVar("ToolT", bound=Described)


async def offered(task: str, tools: Mapping[str, Described]) -> list[str]:
    """The names of the tools that a model is offered."""
    if len(tools) <= MANY:
        return sorted(tools)
    return [tool.name for tool, _ in (await ranked(task, list(tools.values())))[:MANY]]


async def ranked(task: str, tools: Sequence[ToolT]) -> list[tuple[ToolT, float]]:
    """The tools by how well they fit, best first, with scores in 0..1."""
    if not tools:
        return []
    texts = tuple(_texts(tool) for tool in tools)
    lexical = _bm25(task, tuple(words for _, words in texts))
    likeness = await _likeness(task, [said for said, _ in texts])
    scores = (_scaled(lexical) + _scaled(likeness)) / 2
    return [(tools[row], float(scores[row])) for row in scores.argsort()[::-1]]


async def likeness(task: str, tool: Described) -> float:
    """Cosine of the task and of what the tool says of itself."""
    return float((await _likeness(task, [_texts(tool)[0]]))[0])


async def _likeness(task: str, said: Sequence[str]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = await _vectors(said) @ (await embedded_question(task)).vector
    return found


def covered(task: str, tool: Described) -> tuple[float, float]:
    """The share of the task's content words that the tool says, and of the tool's name that the task says."""
    asked, said = set(terms(task)), _texts(tool)[1]
    own, name = set(terms(said)), set(terms(spaced(tool.name)))
    words = {term for term in asked if not term.isdigit()}
    return len(words & own) / max(1, len(words)), len(name & asked) / max(1, len(name))


def _texts(tool: Described) -> tuple[str, str]:
    """What is embedded: name and description; and what is counted: the same with all parameters."""
    said = f"{spaced(tool.name)}. {tool.description}"
    properties = tool.parameters.get("properties", {})
    given = " ".join(
        f"{spaced(name)} {about.get('description', '')}"
        for name, about in properties.items()
        if isinstance(about, dict)
    )
    return said, f"{said} {given}"


def spaced(name: str) -> str:
    """A name such as `start_date` as words."""
    return _PARTS.sub(" ", name)


_known: dict[tuple[str, str], NDArray[np.float32]] = {}


async def _vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """(tools, d); each text is embedded once, as long as not too many have come by."""
    import numpy as np

    model = await embedder()
    missing = [text for text in dict.fromkeys(texts) if (model.name, text) not in _known]
    if missing:
        if len(_known) > 10_000:
            _known.clear()
            missing = list(dict.fromkeys(texts))
        for text, vector in zip(missing, await model.embed(missing), strict=True):
            _known[model.name, text] = vector
    return np.stack([_known[model.name, text] for text in texts])


@lru_cache(maxsize=8)
def _counted(texts: tuple[str, ...]) -> tuple[list[Counter[str]], Counter[str], float]:
    counts = [Counter(terms(text)) for text in texts]
    holding = Counter(term for count in counts for term in count)
    return counts, holding, sum(map(Counter.total, counts)) / len(counts)


def _bm25(task: str, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """Scores (tools,), with Lucene's idf."""
    import numpy as np

    counts, holding, mean = _counted(texts)
    idf = {
        term: log(1 + (len(counts) - holding[term] + 0.5) / (holding[term] + 0.5))
        for term in set(terms(task))
        if term in holding
    }
    found = np.zeros(len(counts), np.float32)
    for row, count in enumerate(counts):
        norm = K1 * (1 - B + B * count.total() / mean)
        found[row] = sum(weight * count[term] / (count[term] + norm) for term, weight in idf.items())
    return found


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else scores * 0
