"""Imports run one way, and importing a machine is light (DESIGN: which folder may import which)."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED: dict[str, set[str]] = {
    "state": set(),
    "prompts": set(),
    "tools": {"state"},
    "nodes": {"tools", "prompts", "state"},
    "graphs": {"nodes", "state"},
    "evals": {"graphs", "nodes", "tools", "prompts", "state"},
    "mcp_servers": {"tools", "state"},
    "app": {"graphs", "nodes", "tools", "prompts", "state", "evals", "mcp_servers"},
    "bench": {"graphs", "mcp_servers", "nodes", "tools", "prompts", "state", "evals", "app", "tests"},
    "training": {"tools", "state", "evals"},
}
OURS = {*ALLOWED, "tests"}


def imported(file: Path) -> set[str]:
    """The top-level packages of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import"
            found.add(node.module.partition(".")[0])
    return found & OURS


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_run_one_way(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in files
        if (found := imported(file) - ALLOWED[package] - {package})
    }
    assert not wrong


def test_one_file_speaks_mcp() -> None:
    """Servers are reached by their library in one place; our own are another matter, and app serves them."""
    packages = ("state", "prompts", "tools", "nodes", "graphs", "app")
    using = {
        str(file.relative_to(ROOT))
        for package in packages
        for file in (ROOT / package).rglob("*.py")
        if re.search(r"^\s*(from|import) (mcp|mcp_types)\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert using == {"tools/mcp/library.py", "app/mcp_endpoints.py"}


def test_every_package_is_listed() -> None:
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = {
        str(file.parent.relative_to(ROOT)).replace("/", ".")
        for package in ALLOWED.keys() - {"bench", "training"}
        for file in (ROOT / package).rglob("__init__.py")
    }
    assert sorted(listed) == sorted(there)


def measure(*modules: str) -> tuple[float, set[str], list[str]]:
    """Median import seconds of three fresh processes, the modules loaded, and the files opened outside imports."""
    code = (
        "import json, sys, time\n"
        "opened = []\n"
        "def watch(event, arguments):\n"
        "    name = str(arguments[0]) if arguments else ''\n"
        "    ours = 'site-packages' not in name and name.endswith(('.yaml', '.json', '.sql', '.onnx', '.env'))\n"
        "    if event == 'socket.connect' or (event == 'open' and ours):\n"
        "        opened.append(name)\n"
        "sys.addaudithook(watch)\n"
        "start = time.perf_counter()\n"
        f"import {', '.join(modules)}\n"
        "print(json.dumps([time.perf_counter() - start, list(sys.modules), opened]))"
    )
    runs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        runs.append(json.loads(done.stdout))
    seconds = sorted(run[0] for run in runs)[1]
    return seconds, set(runs[0][1]), runs[0][2]


@pytest.mark.parametrize("graph", ["graphs.assistant", "graphs.ingest"])
def test_importing_a_graph_is_light(graph: str) -> None:
    _, base, _ = measure("langgraph.graph", "langchain_core", "langchain_core.messages")
    _, modules, opened = measure(graph)
    assert len(modules) <= 1.3 * len(base)
    assert not opened, "importing reads or connects"
    assert not {
        module for module in modules if module.partition(".")[0] in {"app", "onnxruntime", "langchain_openai"}
    }


@pytest.mark.parametrize("module", ["app.cli", "tools.retrieval"])
def test_a_short_command_imports_no_langgraph(module: str) -> None:
    heavy = ("langgraph", "langchain_core", "httpx")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
