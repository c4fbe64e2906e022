"""The plan of a question: what was mended and widened, what is searched for, and why."""

from collections.abc import Collection, Sequence
from typing import Literal, Protocol, runtime_checkable

from state.identity import Identity
from state.plan import Correction, Expansion, Plan, Query
from state.postgres.lookup import Known, look_up
from tools.embed.embedder import embedder
from tools.query.expansion import expansions, names
from tools.query.phrases import phrases
from tools.query.spelling import corrections, mend, sought

Part = Literal["spelling", "expansion", "phrases"]
PARTS: tuple[Part, ...] = ("spelling", "expansion", "phrases")


@runtime_checkable
class WordList(Protocol):
    """An embedder that can tell real words."""

    def is_word(self, word: str) -> bool: ...


async def plan(identity: Identity, question: str, parts: Collection[Part] = PARTS) -> Plan:
    """One search for a question that stands on its own; at most one statement in the database.

    parts: what is done to it; the others are left out, to be measured.
    """
    asked = sought(question) if "spelling" in parts else []
    called = names(question) if "expansion" in parts else []
    known = await look_up(identity, asked, called) if asked or called else Known(frozenset(), {}, [])
    model = await embedder()
    mended = corrections(
        question, asked, known, model.is_word if isinstance(model, WordList) else lambda _: False
    )
    widened = expansions(called, known.forms)
    text = mend(question, mended)
    return Plan(
        standalone=text,
        queries=[Query(text=text, reason="the question, mended" if mended else "the question")],
        corrections=mended,
        expansions=widened,
        phrases=phrases(question) if "phrases" in parts else [],
        way="short",
        why=_why(mended, widened),
    )


def _why(mended: Sequence[Correction], widened: Sequence[Expansion]) -> str:
    said = [f"“{one['typed']}” stands in no document and was read as “{one['meant']}”" for one in mended]
    said += [f"“{one['of']}” was also searched as “{one['to']}”" for one in widened]
    return (
        "; ".join([*said, "one search"]).capitalize() + "." if said else "The question is clear: one search."
    )
