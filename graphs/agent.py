"""The agent: calls of tools, each checked, approved where it must be, made once, and looked at before the next."""

from typing import Any

from langgraph.graph import END, START, StateGraph

from nodes.approve_calls import after_approve, approve_calls
from nodes.begin_task import after_begin, begin_task
from nodes.call_model import after_call, call_model
from nodes.check_calls import after_check, check_calls
from nodes.confirm_task import after_confirm, confirm_task
from nodes.execute_calls import after_execute, execute_calls
from nodes.finish_task import finish_task
from state.agent import AgentInput, AgentOutput, AgentState
from state.context import Context


def build(within: bool = False) -> StateGraph[Any, Any, Any, Any]:
    """The machine; every path ends in `finish_task`. `within` the assistant it shares all of its state."""
    given, gives = (AgentState, AgentState) if within else (AgentInput, AgentOutput)
    machine = StateGraph(AgentState, Context, input_schema=given, output_schema=gives)
    for node in (
        begin_task,
        confirm_task,
        call_model,
        check_calls,
        approve_calls,
        execute_calls,
        finish_task,
    ):
        machine.add_node(node)
    machine.add_edge(START, "begin_task")
    machine.add_conditional_edges("begin_task", after_begin)
    machine.add_conditional_edges("confirm_task", after_confirm)
    machine.add_conditional_edges("call_model", after_call)
    machine.add_conditional_edges("check_calls", after_check)
    machine.add_conditional_edges("approve_calls", after_approve)
    machine.add_conditional_edges("execute_calls", after_execute)
    machine.add_edge("finish_task", END)
    return machine


graph = build().compile()
