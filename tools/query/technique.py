"""Which further queries a model is asked for."""

import re
from typing import Literal

from state.plan import Plan
from tools.analyse import terms

Technique = Literal["decompose", "multi_query", "step_back", "hyde"]

REASONS: dict[Technique, str] = {
    "decompose": "a part of the question (decomposition)",
    "multi_query": "the question in other words (multi-query)",
    "step_back": "the broader question (step-back)",
    "hyde": "a passage that might answer it (HyDE)",
}
FEW_TERMS = 3
MANY_TERMS = 12

_SEVERAL = re.compile(
    r"\?.*\?|\b(?:compared?|versus|vs|differences?|differ|both|respectively)\b"
    r"|\b(?:more|less|fewer|better|longer|shorter|higher|lower)\b.{0,80}?\bthan\b"
    r"|\band (?:also )?(?:what|when|where|which|who|how|why|is|are|does|do|can)\b",
    re.IGNORECASE | re.DOTALL,
)


def technique(plan: Plan) -> Technique:
    """Decomposition (Khot et al. 2023) for several questions in one, multi-query for a short one, step-back (Zheng et
    al. 2024) for a very specific one, else HyDE (Gao et al. 2023): its words are probably not the documents'."""
    question = plan["standalone"]
    content = len(set(terms(question)))
    if _SEVERAL.search(question):
        return "decompose"
    if content <= FEW_TERMS:
        return "multi_query"
    if plan["phrases"] or content >= MANY_TERMS:
        return "step_back"
    return "hyde"


def queries(reply: str, kind: Technique, most: int = 4) -> list[str]:
    """The queries in a model's reply: one a line without marks of a list; a passage is one query."""
    if kind == "hyde":
        return [" ".join(reply.split())[:1_000]] if terms(reply) else []
    lines = (re.sub(r"\A\s*(?:[-*•]|\d+[.)])\s*", "", line).strip().strip('"') for line in reply.splitlines())
    return list(dict.fromkeys(line[:500] for line in lines if terms(line)))[:most]
