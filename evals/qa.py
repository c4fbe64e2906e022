"""`eval qa`: the product's own assistant over questions with gold answers."""

import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from evals.bootstrap import interval
from evals.corpus import Progress, load
from evals.database import own_database
from evals.formats import QaSet, Question, load_qa
from evals.qa_scores import QaScores, score
from evals.report import Report, Slice, config_hash
from graphs.assistant import build
from state.context import Context
from state.identity import Identity
from tools.chunking import DEFAULT
from tools.embed.embedder import embedder

TENANT = "eval"
MARKER = re.compile(r"\s*\[\d+\]")
METRICS = (
    "answer_has_gold",
    "exact_match",
    "f1",
    "cited_has_gold",
    "declined_right",
    "declined_wrong",
    "leaked",
)


async def run(folder: Path, limit: int | None, progress: Progress, chunking: str = DEFAULT) -> Report:
    """Ask every question as one turn; a set of scope `document` searches the question's own document only."""
    started = time.perf_counter()
    data = load_qa(folder, limit)
    async with own_database():
        numbers = await load(Identity(TENANT, "eval"), data.documents, progress, chunking)
        scores, seconds, models = await _ask_all(data, numbers, progress)
        config = {"embedder": (await embedder()).name, "models": sorted(models), "chunking": chunking}
    kinds = sorted({question.kind for question in data.questions if question.kind})
    return Report(
        kind="qa",
        data=folder.name,
        n=len(data.questions),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics={**_intervals(scores), "latency_p50_ms": interval(seconds, percentile=50)},
        slices={
            kind: _slice([s for s, q in zip(scores, data.questions, strict=True) if q.kind == kind])
            for kind in kinds
        },
    )


async def _ask_all(
    data: QaSet, numbers: dict[str, int], progress: Progress
) -> tuple[list[QaScores], list[float], set[str]]:
    scores: list[QaScores] = []
    milliseconds: list[float] = []
    models: set[str] = set()
    for number, question in enumerate(data.questions, 1):
        started = time.perf_counter()
        only = [numbers[question.document_id or ""]] if data.scope == "document" else None
        result = await ask(question, only)
        milliseconds.append((time.perf_counter() - started) * 1000)
        scores.append(score(question, result, result["cited"]))
        models.add(result["model"])
        progress("Asking", number, len(data.questions))
    return scores, milliseconds, models


async def ask(question: Question, documents: list[int] | None) -> dict[str, Any]:
    """One turn as the question's asker, after its earlier turns."""
    identity = Identity(TENANT, "eval", tuple(question.groups))
    config: Any = {"configurable": {"thread_id": str(uuid4()), "langgraph_auth_user": identity}}
    machine = build().compile(checkpointer=InMemorySaver())
    if question.history:
        earlier = [_message(turn.role, turn.content) for turn in question.history]
        await machine.aupdate_state(config, {"messages": earlier}, as_node="record")
    given = {"question": question.question}
    state = await machine.ainvoke(given, config, context=Context(documents=documents))
    passages = (await machine.aget_state(config)).values["passages"]
    numbers = {citation["number"] for citation in state["citations"]}
    return {
        **state,
        "answer": MARKER.sub("", state["answer"]),
        "declined": state["verdict"]["declined"],
        "cited": [passages[number - 1]["text"] for number in sorted(numbers)],
    }


def _message(role: str, content: str) -> AnyMessage:
    return HumanMessage(content) if role == "user" else AIMessage(content)


def _slice(scores: list[QaScores]) -> Slice:
    return Slice(len(scores), _intervals(scores))


def _intervals(scores: list[QaScores]) -> dict[str, Any]:
    return {name: interval([s[name] for s in scores]) for name in METRICS}  # type: ignore[literal-required]
