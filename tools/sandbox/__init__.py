"""Python of strangers, run where it can reach nothing: in an interpreter without a door, in a process of its own."""

from tools.sandbox.job import Limits, Outcome
from tools.sandbox.run import run_python

__all__ = ["Limits", "Outcome", "run_python"]
