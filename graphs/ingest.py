"""Documents in: plan what is new, changed and gone, read each document on its own, remove, report."""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from nodes.chunk_document import chunk_document
from nodes.embed_chunks import embed_chunks
from nodes.parse_document import parse_document
from nodes.plan_ingest import plan_ingest
from nodes.read_file import read_file
from nodes.remove_vanished import remove_vanished
from nodes.report_ingest import report_ingest
from nodes.store_document import store_document
from state.context import Context
from state.ingest import DocumentOutput, DocumentState, IngestInput, IngestOutput, IngestState, Item


def each_document(state: IngestState) -> list[Send] | str:
    """One document machine a file that is new or changed."""
    return [Send("document", item) for item in state["items"]] or "remove_vanished"


def build_document() -> StateGraph[Any, Any, Any, Any]:
    """One document, from bytes to searchable rows; what it holds is large, so it is never checkpointed."""
    machine = StateGraph(DocumentState, Context, input_schema=Item, output_schema=DocumentOutput)
    machine.add_node(read_file)
    machine.add_node(parse_document)
    machine.add_node(chunk_document)
    machine.add_node(embed_chunks)
    machine.add_node(store_document)
    machine.add_edge(START, "read_file")
    machine.add_edge("read_file", "parse_document")
    machine.add_edge("parse_document", "chunk_document")
    machine.add_edge("chunk_document", "embed_chunks")
    machine.add_edge("embed_chunks", "store_document")
    machine.add_edge("store_document", END)
    return machine


def build() -> StateGraph[Any, Any, Any, Any]:
    """The whole run."""
    machine = StateGraph(IngestState, Context, input_schema=IngestInput, output_schema=IngestOutput)
    machine.add_node(plan_ingest)
    machine.add_node("document", build_document().compile(checkpointer=False))
    machine.add_node(remove_vanished)
    machine.add_node(report_ingest)
    machine.add_edge(START, "plan_ingest")
    machine.add_conditional_edges("plan_ingest", each_document, ["document", "remove_vanished"])
    machine.add_edge("document", "remove_vanished")
    machine.add_edge("remove_vanished", "report_ingest")
    machine.add_edge("report_ingest", END)
    return machine


graph = build().compile().with_config(max_concurrency=4)
