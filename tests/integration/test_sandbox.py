"""The sandbox: what code in it can do, what it cannot, and that its processes end whatever happens."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.sandbox_watch import Watch, descendants, sandboxes
from state.errors import KairosError
from tests.fixtures.sandbox_attempts import EXHAUSTS, REACHES
from tools.sandbox import Limits, run_python
from tools.sandbox.job import Job, outcome_from
from tools.sandbox.run import Sandbox, sandbox

SMALL = Limits(seconds=1, memory_mb=64, output_chars=2000)
ENDLESS = "while True:\n    pass"


@pytest.fixture(scope="module", autouse=True)
async def _ended() -> AsyncIterator[None]:
    yield
    await asyncio.sleep(0.1)
    sandbox().close()


async def until_gone(pids: list[int]) -> None:
    for _ in range(200):
        if not [pid for pid in pids if alive(pid)]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("processes are left")


def alive(pid: int) -> bool:
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


async def test_code_prints_and_has_a_value() -> None:
    outcome = await run_python(
        "print('hello')\n{'sum': sum(numbers), 'pair': (1, 2.5)}", {"numbers": [1, 2, 3]}
    )
    assert outcome.output == "hello\n"
    assert outcome.value == {"sum": 6, "pair": [1, 2.5]}
    assert not outcome.error
    assert not outcome.truncated


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("float('nan')", "nan"),
        ("{1}", [1]),
        ("b'ab'", "ab"),
        ("2 ** 100", 2**100),
        ("2 ** 5000", hex(2**5000)),
        ("from decimal import Decimal\nDecimal('1.10')", "1.10"),
        ("from datetime import date\ndate(2026, 1, 31)", "2026-01-31"),
        ("x = []\nx.append(x)\nx", ["[...]"]),
        ("None", None),
        ("{1: {2: 3}}", {"1": {"2": 3}}),
    ],
)
async def test_values_come_back_as_json(code: str, value: object) -> None:
    assert (await run_python(code)).value == value


async def test_code_reads_the_files_that_are_granted_and_no_others() -> None:
    files = {"sales.csv": b"item,n\nlamp,2\n", "raw.bin": b"\xff\xfe"}
    code = (
        "import csv\nfrom pathlib import Path\n"
        "[list(csv.reader(open('/files/sales.csv')))[1], len(Path('/files/raw.bin').read_bytes())]"
    )
    assert (await run_python(code, files=files)).value == [["lamp", "2"], 2]
    outside = await run_python("open('/etc/passwd').read()", files=files)
    assert "FileNotFoundError" in outside.error


async def test_nothing_is_kept_for_the_next_run() -> None:
    await run_python("kept = 1\nopen('/files/left.txt', 'w').write('secret')")
    assert "NameError" in (await run_python("kept")).error
    assert "FileNotFoundError" in (await run_python("open('/files/left.txt').read()")).error


async def test_errors_are_told_as_python_tells_them() -> None:
    outcome = await run_python("def f(x):\n    return 1 / x\nf(0)")
    assert "ZeroDivisionError" in outcome.error
    assert "line 2, in f" in outcome.error
    assert outcome.code == ""
    assert "SyntaxError" in (await run_python("1 +")).error


@pytest.mark.parametrize("name", REACHES)
async def test_nothing_outside_is_reached(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_MODEL_KEY", "a-key")
    outcome = await run_python(REACHES[name], limits=SMALL)
    assert outcome.error or outcome.value is None
    assert "escaped" not in f"{outcome.value}{outcome.output}"


def test_the_attempts_would_succeed_elsewhere() -> None:
    """Else the test above could not fail."""
    code = REACHES["read the environment"].replace("'escaped' if", "print('escaped') if")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "escaped" in done.stdout


@pytest.mark.parametrize("name", EXHAUSTS)
@pytest.mark.slow
async def test_what_would_use_up_the_machine_is_bounded(name: str) -> None:
    with Watch() as watch:
        outcome = await run_python(EXHAUSTS[name], limits=SMALL)
    assert watch.children_mb < 3 * SMALL.memory_mb + 100  # a run, and the process that waits for the next
    assert len(outcome.output) <= SMALL.output_chars
    assert len(str(outcome.value)) <= SMALL.output_chars + 20
    assert len(outcome.error) <= SMALL.output_chars + 1
    assert outcome.error or outcome.truncated or outcome.seconds < SMALL.seconds


@pytest.mark.parametrize("code", [ENDLESS, EXHAUSTS["gather of thousands"], EXHAUSTS["decimal digits"]])
@pytest.mark.slow
async def test_a_run_that_does_not_end_is_ended_with_all_its_processes(code: str) -> None:
    alone = Sandbox(1, spare=0)
    outcome = await alone.run(Job(code, {}, {}, SMALL))
    assert outcome.code == "sandbox_timeout"
    await asyncio.sleep(0.05)
    assert not [pid for pid in sandboxes() if pid not in waiting()]


def command(pid: int) -> str:
    done = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout


def waiting() -> set[int]:
    """The processes of this process's own sandbox, which wait for the next run."""
    found = {worker.process.pid for worker in sandbox().ready}
    return found | {child for pid in found for child in descendants(pid)}


async def test_a_cancelled_run_ends_at_once() -> None:
    alone = Sandbox(1, spare=0)
    task = asyncio.create_task(alone.run(Job(ENDLESS, {}, {}, Limits(seconds=30))))
    await asyncio.sleep(1)
    running = [pid for pid in sandboxes() if pid not in waiting()]
    assert running
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(running)


async def test_its_processes_end_with_the_one_that_started_them() -> None:
    code = (
        "import asyncio\nfrom tools.sandbox import run_python, Limits\n"
        f"asyncio.run(run_python({ENDLESS!r}, limits=Limits(seconds=30)))"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    started: list[int] = []
    for _ in range(200):
        await asyncio.sleep(0.05)
        started = descendants(parent.pid)
        if len(started) == 2:
            break
    assert len(started) == 2
    await asyncio.sleep(0.3)
    parent.kill()
    await parent.wait()
    await until_gone(started)


async def test_a_killed_interpreter_costs_only_its_run() -> None:
    alone = Sandbox(1, spare=0)
    task = asyncio.create_task(alone.run(Job(ENDLESS, {}, {}, Limits(seconds=30))))
    await asyncio.sleep(1.5)
    for pid in sandboxes():
        if "subprocess" in command(pid) and pid not in waiting():
            os.kill(pid, signal.SIGKILL)
    outcome = await task
    assert outcome.code == "sandbox_out_of_memory"
    assert (await alone.run(Job("1 + 1", {}, {}, SMALL))).value == 2


async def test_runs_beyond_the_number_wait() -> None:
    one = Sandbox(1, spare=0)
    started = time.monotonic()
    code = "import time\ntime.sleep(0.4)\n1"
    found = await asyncio.gather(*(one.run(Job(code, {}, {}, SMALL)) for _ in range(3)))
    assert [outcome.value for outcome in found] == [1, 1, 1]
    assert time.monotonic() - started >= 1.2


@pytest.mark.parametrize(
    ("inputs", "files", "code"),
    [
        ({"not a name": 1}, {}, "1"),
        ({}, {"../../etc/passwd": b"x"}, "1"),
        ({}, {"/etc/passwd": b"x"}, "1"),
        ({}, {"..": b"x"}, "1"),
        ({}, {"": b"x"}, "1"),
        ({}, {"a": b"x" * 11 * 2**20}, "1"),
        ({"a": "x" * 11 * 2**20}, {}, "1"),
        ({"a": object()}, {}, "1"),
        ({"a": 10**5000}, {}, "1"),
        ({}, {}, "1" * 200_000),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    inputs: dict[str, object], files: dict[str, bytes], code: str
) -> None:
    with pytest.raises(KairosError) as refused:
        await run_python(code, inputs, files)
    assert refused.value.code == "sandbox_refused"


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}x", b"[" * 100_000, b'{"output": 1}', b'{"other": 1}', b'{"code": null}']
)
def test_an_answer_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(KairosError) as refused:
        outcome_from(text)
    assert refused.value.code == "sandbox_failed"


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_the_kernel_refuses_the_network_whatever_the_interpreter_does() -> None:
    code = (
        "import socket, subprocess, sys\n"
        "from tools.sandbox.closed import close\n"
        "assert close()\n"
        "left, right = socket.socketpair()\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):\n"
        "    try:\n        socket.socket(family)\n        print('open')\n    except PermissionError:\n"
        "        print('refused')\n"
        "child = 'import socket\\ntry:\\n socket.socket()\\nexcept PermissionError:\\n print(\"refused\")'\n"
        "sys.stdout.flush()\n"
        "subprocess.run([sys.executable, '-c', child])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 4


async def test_the_running_interpreter_is_closed() -> None:
    if sys.platform != "linux":
        pytest.skip("seccomp is Linux's")
    alone = Sandbox(1, spare=0)
    task = asyncio.create_task(alone.run(Job("import time\ntime.sleep(1.5)", {}, {}, Limits(seconds=5))))
    await asyncio.sleep(1)
    running = [pid for pid in sandboxes() if pid not in waiting()]
    modes = []
    for pid in running:
        with open(f"/proc/{pid}/status") as status:  # noqa: ASYNC230
            modes += [line.split()[1] for line in status if line.startswith("Seccomp:")]
    await task
    assert modes == ["2"] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_the_kernel_hides_files_and_other_processes_whatever_the_interpreter_does(tmp_path: Path) -> None:
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "a.txt").write_text("seen")
    (tmp_path / "hidden.txt").write_text("hidden")
    code = (
        "import os, sys\n"
        "from tools.sandbox.confined import confine\n"
        "if not confine([sys.argv[1] + '/seen', sys.argv[1] + '/none']):\n    print('cannot')\n    sys.exit()\n"
        "def attempt(name, mode='r'):\n"
        "    try:\n        return open(sys.argv[1] + name, mode).read()\n    except OSError as error:\n"
        "        return type(error).__name__\n"
        "print(attempt('/seen/a.txt'), attempt('/hidden.txt'), attempt('/seen/a.txt', 'a'), attempt('/new', 'w'))\n"
        "print(attempt('/../../../../../../etc/passwd'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    if done.stdout.strip() == "cannot":
        pytest.skip("this kernel has no Landlock")
    assert done.stdout.split() == ["seen", *["PermissionError"] * 4]


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")
def test_the_interpreter_runs_where_it_could_reach_nothing() -> None:
    code = (
        "import socket, sys\n"
        "from tools.sandbox.closed import close\n"
        "from tools.sandbox.confined import confine\n"
        "from tools.sandbox.interpret import Interpreter, load, sees\n"
        "from tools.sandbox.job import Job, Limits\n"
        "load()\n"
        "if not (confine(sees()) and close()):\n    print('cannot')\n    sys.exit()\n"
        "with Interpreter() as interpreter:\n"
        "    print(interpreter.run(Job('1 + 1', {}, {}, Limits()), 0.0).value)\n"
        "for reach in (lambda: open('/etc/passwd'), lambda: open('pyproject.toml'), socket.socket,\n"
        "              lambda: open('/tmp/written', 'w'), lambda: open('/proc/1/environ')):\n"
        "    try:\n        reach()\n        print('reached')\n    except PermissionError:\n        print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if done.stdout.strip() == "cannot":
        pytest.skip("this kernel has no Landlock")
    assert done.stdout.split() == ["2", *["refused"] * 5]
