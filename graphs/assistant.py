"""The governed turn: a question in; checked, answered from what the asker may see, verified and recorded."""

from typing import Any

from langgraph.graph import END, START, StateGraph

from graphs.agent import build as agent
from nodes.assess import after_assess, assess
from nodes.chat import chat
from nodes.confirm_question import after_confirm, confirm_question
from nodes.decline import decline
from nodes.deepen import after_deepen, deepen
from nodes.generate import generate
from nodes.guard_input import after_guard, guard_input
from nodes.judge import after_judge, judge
from nodes.record import record
from nodes.refuse import refuse
from nodes.rerank import rerank
from nodes.retrieve import after_retrieve, retrieve
from nodes.rewrite import after_rewrite, rewrite
from nodes.route_question import after_route, route_question
from nodes.understand import understand
from state.assistant import AssistantInput, AssistantOutput, AssistantState
from state.context import Context


def build() -> StateGraph[Any, Any, Any, Any]:
    """The machine; every path ends in `record`."""
    machine = StateGraph(AssistantState, Context, input_schema=AssistantInput, output_schema=AssistantOutput)
    for node in (
        guard_input,
        confirm_question,
        route_question,
        chat,
        understand,
        retrieve,
        deepen,
        rerank,
        assess,
        decline,
        generate,
        judge,
        rewrite,
        refuse,
        record,
    ):
        machine.add_node(node)
    machine.add_node("agent", agent(within=True).compile())
    machine.add_edge(START, "guard_input")
    machine.add_conditional_edges("guard_input", after_guard)
    machine.add_conditional_edges("confirm_question", after_confirm)
    machine.add_conditional_edges("route_question", after_route)
    machine.add_edge("understand", "retrieve")
    machine.add_conditional_edges("retrieve", after_retrieve)
    machine.add_conditional_edges("deepen", after_deepen)
    machine.add_edge("rerank", "assess")
    machine.add_conditional_edges("assess", after_assess)
    machine.add_edge("decline", "record")
    machine.add_edge("generate", "judge")
    machine.add_conditional_edges("judge", after_judge)
    machine.add_conditional_edges("rewrite", after_rewrite)
    machine.add_edge("chat", "record")
    machine.add_edge("agent", "record")
    machine.add_edge("refuse", "record")
    machine.add_edge("record", END)
    return machine


graph = build().compile()
