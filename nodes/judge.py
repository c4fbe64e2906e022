"""Verify the draft sentence by sentence, and let only what is supported through."""

from typing import Any, Literal

from state.assistant import AssistantState, Verdict, VerifiedSentence
from tools.decline import declined
from tools.evidence import cite, to_passages
from tools.passages import NOT_FOUND
from tools.verify import verify

REWRITES = 2
WITHHELD = "({} of the answer withheld: the documents do not support it.)"


async def judge(state: AssistantState) -> dict[str, Any]:
    """The supported sentences become the answer; what is not supported is withheld, and said so."""
    passages = state["passages"]
    if state["stopped"] and not state["draft"]:
        return {"answer": state["stopped"], "citations": []}
    if state["draft"].startswith(NOT_FOUND):
        return _declined(state, [])
    sentences = [
        VerifiedSentence(
            text=found.text,
            citations=found.citations,
            supported=found.supported,
            score=round(found.score, 4),
            reason=found.reason,
        )
        for found in await verify(state["draft"], to_passages(passages))
    ]
    supported = [sentence for sentence in sentences if sentence["supported"]]
    if not supported:
        return _declined(state, sentences)
    withheld = len(sentences) - len(supported)
    return {
        "answer": " ".join(filter(None, [_compose(state["draft"], supported, withheld), state["stopped"]])),
        "citations": cite(supported, passages),
        "verdict": Verdict(supported=not (withheld or state["stopped"]), declined=False, sentences=sentences),
    }


def after_judge(state: AssistantState) -> Literal["rewrite", "record"]:
    """An answer that is not wholly supported is tried again with another query, at most twice; a stopped one is not."""
    ends = state["stopped"] or state["verdict"]["supported"] or len(state["queries"]) > REWRITES
    return "record" if ends else "rewrite"


def _compose(draft: str, supported: list[VerifiedSentence], withheld: int) -> str:
    if not withheld:
        return draft
    sentences = "1 sentence" if withheld == 1 else f"{withheld} sentences"
    return " ".join([*(sentence["text"] for sentence in supported), WITHHELD.format(sentences)])


def _declined(state: AssistantState, sentences: list[VerifiedSentence]) -> dict[str, Any]:
    if state["citations"]:
        return {}  # an earlier query found part of the answer: that stands
    return {
        "answer": declined(state["passages"], state.get("guard", [])),
        "citations": [],
        "verdict": Verdict(supported=False, declined=True, sentences=sentences),
    }
