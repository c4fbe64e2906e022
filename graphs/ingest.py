"""Documents in: plan what is new, changed and gone, read it in batches, remove, merge, report."""

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from nodes.chunk_documents import chunk_documents
from nodes.clean_documents import clean_documents
from nodes.confirm_cost import after_answer, confirm_cost
from nodes.describe_chunks import describe_chunks
from nodes.embed_chunks import embed_chunks
from nodes.estimate_context import after_estimate, estimate_context
from nodes.guard_chunks import guard_chunks
from nodes.merge_duplicates import merge_duplicates
from nodes.parse_files import parse_files
from nodes.plan_ingest import plan_ingest
from nodes.remove_gone import remove_gone
from nodes.report_ingest import report_ingest
from nodes.store_files import store_files
from nodes.take_files import after_taking, take_files
from nodes.wait_resume import wait_resume
from state.context import Context
from state.ingest import BatchInput, BatchOutput, BatchState, IngestInput, IngestOutput, IngestState

AT_ONCE = 3
"""Batches: one is embedded while others are parsed and stored."""

LIMITS: RunnableConfig = {"max_concurrency": AT_ONCE, "recursion_limit": 10_000}
"""What every run is configured with: a wave of files takes two steps, and there may be thousands of waves."""


def next_step(state: IngestState) -> list[Send] | str:
    """One batch machine for each batch that was taken."""
    step = after_taking(state)
    if step != "read":
        return {"wait": "wait_resume", "finish": "remove_gone"}[step]
    name = state.get("collection") or "default"
    return [
        Send("batch", BatchInput(collection=name, run=state["run"], items=items))
        for items in state["batches"]
    ]


def build_batch() -> StateGraph[Any, Any, Any, Any]:
    """Some files, from bytes to searchable rows; what it holds is large, so it is never checkpointed."""
    machine = StateGraph(BatchState, Context, input_schema=BatchInput, output_schema=BatchOutput)
    steps = (
        parse_files,
        clean_documents,
        chunk_documents,
        describe_chunks,
        embed_chunks,
        guard_chunks,
        store_files,
    )
    for step in steps:
        machine.add_node(step)
    machine.add_edge(START, "parse_files")
    machine.add_edge("parse_files", "clean_documents")
    machine.add_edge("clean_documents", "chunk_documents")
    machine.add_edge("chunk_documents", "describe_chunks")
    machine.add_edge("describe_chunks", "embed_chunks")
    machine.add_edge("embed_chunks", "guard_chunks")
    machine.add_edge("guard_chunks", "store_files")
    machine.add_edge("store_files", END)
    return machine


def build() -> StateGraph[Any, Any, Any, Any]:
    """The whole run."""
    machine = StateGraph(IngestState, Context, input_schema=IngestInput, output_schema=IngestOutput)
    machine.add_node(plan_ingest)
    machine.add_node(estimate_context)
    machine.add_node(confirm_cost)
    machine.add_node(take_files)
    machine.add_node("batch", build_batch().compile(checkpointer=False))
    machine.add_node(wait_resume)
    machine.add_node(remove_gone)
    machine.add_node(merge_duplicates)
    machine.add_node(report_ingest)
    machine.add_edge(START, "plan_ingest")
    machine.add_edge("plan_ingest", "estimate_context")
    machine.add_conditional_edges("estimate_context", after_estimate, ["confirm_cost", "take_files"])
    machine.add_conditional_edges("confirm_cost", after_answer, ["take_files", "report_ingest"])
    machine.add_conditional_edges("take_files", next_step, ["batch", "wait_resume", "remove_gone"])
    machine.add_edge("batch", "take_files")
    machine.add_edge("wait_resume", "take_files")
    machine.add_edge("remove_gone", "merge_duplicates")
    machine.add_edge("merge_duplicates", "report_ingest")
    machine.add_edge("report_ingest", END)
    return machine


graph = build().compile().with_config(LIMITS)
