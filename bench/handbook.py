"""The sample handbook as the benches use it: indexed, with its questions."""

from pathlib import Path

from evals.corpus import load
from evals.formats import QaSet, load_qa
from state.identity import Identity

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "evals" / "datasets" / "handbook"
ASKER = Identity("bench", "bench")


def say_nothing(what: str, done: int, total: int) -> None:
    """A progress callback for what takes a moment only."""


async def indexed() -> QaSet:
    """Index the handbook's pages in the current database."""
    data = load_qa(FOLDER)
    await load(ASKER, data.documents, say_nothing)
    return data
