"""Worker processes under parsers and files that mean harm: each failure is named, and costs only itself."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from state.errors import KairosError
from tools.workers import Limits, Part, read_parts
from tools.workers.pool import MOST_LOST, Pool

HOSTILE = (sys.executable, "-m", "tests.fixtures.hostile_worker")
SHORT = Limits(seconds=1.5, memory_mb=300)


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Two workers whose parser of plain text obeys the text."""
    pool = Pool(2, HOSTILE)
    yield pool
    pool.close()


def archive(files: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def codes(parts: list[Part]) -> dict[str, str]:
    return {part.member: part.code for part in parts}


def text(part: Part) -> str:
    assert part.document, part.cause
    return part.document.text


async def until(true: Callable[[], bool]) -> None:
    """Wait for at most ten seconds."""
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen")


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


@pytest.mark.parametrize(
    ("order", "code", "said"),
    [
        ("SLEEP", "parse_timeout", "notes.txt took longer than 1.5 s to read."),
        ("SPIN /dev/null", "parse_timeout", "notes.txt took longer than 1.5 s to read."),
        ("EAT", "parse_out_of_memory", "notes.txt needs more memory"),
        ("SWALLOW", "parse_out_of_memory", "notes.txt needs more memory"),
        ("GRAB", "parse_out_of_memory", "notes.txt needs more memory"),
        ("CRASH", "parse_crashed", "notes.txt made its parser crash: the process ended by signal SIGSEGV."),
        ("ABORT", "parse_crashed", "by signal SIGABRT"),
        ("EXIT", "parse_crashed", "with status 3"),
    ],
)
async def test_each_failure_is_named_and_the_next_file_is_read(
    pool: Pool, order: str, code: str, said: str
) -> None:
    (failed,) = await pool.read("notes.txt", f"{order} \n".encode(), SHORT)
    assert (failed.member, failed.document, failed.code) == ("", None, code)
    assert said in failed.cause
    (good,) = await pool.read("next.txt", b"All is well.", SHORT)
    assert text(good) == "All is well."


async def test_rubbish_on_standard_output_and_error_harms_nothing(pool: Pool) -> None:
    (part,) = await pool.read("notes.txt", b"SHOUT ", SHORT)
    assert text(part) == "said enough"


async def test_one_that_fails_does_not_disturb_those_beside_it(pool: Pool) -> None:
    orders = ["CRASH", "Fine one.", "EXIT", "Fine two.", "SLEEP", "Fine three.", "EAT", "Fine four."]
    results = await asyncio.gather(
        *(pool.read(f"{number}.txt", f"{order} ".encode(), SHORT) for number, order in enumerate(orders))
    )
    texts = [parts[0].document.text for parts in results if parts[0].document]
    assert texts == ["Fine one.", "Fine two.", "Fine three.", "Fine four."]


async def test_a_member_that_ends_the_worker_costs_only_itself(pool: Pool) -> None:
    inner = archive({"deep.txt": "Deep inside.", "crash.txt": "CRASH ", "after.txt": "After the crash."})
    data = archive(
        {"a.txt": "First.", "hang.txt": "SLEEP ", "b.txt": "Second.", "inner.zip": inner, "empty.txt": ""}
    )
    parts = await pool.read("all.zip", data, SHORT)
    assert codes(parts) == {
        "a.txt": "",
        "hang.txt": "parse_timeout",
        "b.txt": "",
        "inner.zip/deep.txt": "",
        "inner.zip/crash.txt": "parse_crashed",
        "inner.zip/after.txt": "",
        "empty.txt": "file_empty",
    }
    causes = {part.member: part.cause for part in parts}
    assert causes["hang.txt"].startswith("all.zip/hang.txt took longer")


async def test_a_file_of_nothing_but_crashes_is_given_up(pool: Pool) -> None:
    data = archive({"good.txt": "Good.", **{f"{number}.txt": "EXIT " for number in range(MOST_LOST + 3)}})
    parts = await pool.read("bad.zip", data, SHORT)
    assert codes(parts)["good.txt"] == ""
    assert codes(parts)[""] == "parse_crashed"
    assert len(parts) == MOST_LOST + 2


async def test_archives_have_limits(pool: Pool) -> None:
    zeros = archive({"zeros.txt": b"\0" * 30 * 2**20})
    nested = archive({f"{number}.zip": zeros for number in range(40)})
    bomb = await pool.read("bomb.zip", nested, Limits(unpacked_mb=100))
    assert not any(part.document for part in bomb)
    assert "archive_too_large" in {part.code for part in bomb}
    many = await pool.read(
        "many.zip", archive({f"{n}.txt": f"Page {n}." for n in range(9)}), Limits(members=5)
    )
    assert [part.code for part in many].count("") == 5
    assert codes(many)[""] == "archive_too_many"
    deep = archive({"text.txt": "At the bottom."})
    for level in range(5):
        deep = archive({f"level-{level}.zip": deep, f"beside-{level}.txt": f"Beside {level}."})
    parts = await pool.read("deep.zip", deep, Limits(depth=3))
    assert {part.document.text for part in parts if part.document} == {"Beside 4.", "Beside 3.", "Beside 2."}
    assert "archive_too_deep" in {part.code for part in parts}
    (empty,) = await pool.read("empty.zip", archive({}), Limits())
    assert empty.code


async def test_an_attachment_is_a_part_beside_its_message(pool: Pool) -> None:
    message = (
        "From: ann@example.org\nTo: bob@example.org\nSubject: Minutes\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="cut"\n\n'
        "--cut\nContent-Type: text/plain\n\nThe minutes are attached.\n"
        '--cut\nContent-Type: text/plain\nContent-Disposition: attachment; filename="minutes.txt"\n\n'
        "We met on Tuesday.\n"
        '--cut\nContent-Type: text/plain\nContent-Disposition: attachment; filename="bad.txt"\n\n'
        "CRASH \n--cut--\n"
    )
    parts = await pool.read("mail.eml", message.encode(), SHORT)
    assert codes(parts) == {"": "", "minutes.txt": "", "bad.txt": "parse_crashed"}
    assert "minutes are attached" in text(parts[0])


async def test_large_files_are_refused_or_run_out_of_memory(pool: Pool) -> None:
    row = b"2031-04-07,Harbour Road 12,paid,118.50\n"
    (large,) = await pool.read("rows.csv", row * (60 * 2**20 // len(row)), Limits())
    assert large.code == "file_too_large"
    assert "rows.csv has 60.0 MB; at most 50 MB" in large.cause
    below = b"The tide tables hang on the wall.\n" * 2**20
    (greedy,) = await pool.read("tides.txt", below, Limits(memory_mb=150))
    assert greedy.code == "parse_out_of_memory"


async def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with PdfDocument.new() as pdf:
        for _ in range(10_000):
            pdf.new_page(100, 100).close()
        target = io.BytesIO()
        pdf.save(target)
    (part,) = await read_parts("thick.pdf", target.getvalue())
    assert part.code == "file_too_many_pages"
    assert "10000 pages; at most 5000" in part.cause


async def test_endless_pdf_and_xml_bombs_end_cleanly() -> None:
    ring = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3/Prev 9>>\nstartxref\n9\n%%EOF"
    )
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{levels}]><a>&e11;</a>'.encode()
    limits = Limits(seconds=10, memory_mb=400)
    for name, data in [("ring.pdf", ring), ("laughs.xml", bomb)]:
        (part,) = await read_parts(name, data, limits)
        assert part.code
        assert name in part.cause


async def test_two_hundred_files_at_once_share_the_workers(pool: Pool) -> None:
    results = await asyncio.gather(*(pool.read(f"{n}.txt", b"PID ", Limits()) for n in range(200)))
    assert len({text(parts[0]) for parts in results}) <= 2


async def test_those_who_wait_are_served_in_their_order() -> None:
    pool = Pool(1, HOSTILE)
    served: list[int] = []

    async def read(number: int) -> None:
        await pool.read(f"{number}.txt", b"PID ", Limits())
        served.append(number)

    await asyncio.gather(*(read(number) for number in range(20)))
    pool.close()
    assert served == list(range(20))


async def test_cancelling_ends_the_worker_and_frees_its_place(pool: Pool, tmp_path: Path) -> None:
    notes = [tmp_path / "one", tmp_path / "two"]
    tasks = [asyncio.create_task(pool.read("spin.txt", f"SPIN {note}".encode(), Limits())) for note in notes]
    waiting = asyncio.create_task(pool.read("waits.txt", b"SLEEP ", Limits()))
    await until(lambda: all(note.exists() and note.read_text() for note in notes))
    for task in (waiting, *tasks):
        task.cancel()
    assert all(
        isinstance(result, asyncio.CancelledError)
        for result in await asyncio.gather(waiting, *tasks, return_exceptions=True)
    )
    await until(lambda: not any(runs(int(note.read_text())) for note in notes))
    parts = await asyncio.gather(*(pool.read("next.txt", b"Next.", SHORT) for _ in range(3)))
    assert [text(part) for (part,) in parts] == ["Next."] * 3


async def test_a_worker_that_died_while_idle_is_replaced(pool: Pool) -> None:
    (part,) = await pool.read("pid.txt", b"PID ", Limits())
    os.kill(int(text(part)), signal.SIGKILL)
    (again,) = await pool.read("pid.txt", b"PID ", Limits())
    assert text(again) != text(part)


async def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    notes = [tmp_path / "busy-one", tmp_path / "busy-two", tmp_path / "idle"]
    code = f"""
import asyncio, pathlib
from tools.workers import Limits
from tools.workers.pool import Pool
async def main():
    pool = Pool(3, {HOSTILE!r})
    idle, *_ = await pool.read("pid.txt", b"PID ", Limits())
    busy = [pool.read("spin.txt", b"SPIN " + str(note).encode(), Limits()) for note in {[*map(str, notes[:2])]!r}]
    async def third():
        await asyncio.sleep(0.5)
        part, = await pool.read("pid.txt", b"PID ", Limits())
        pathlib.Path({str(notes[2])!r}).write_text(part.document.text)
    await asyncio.gather(*busy, third())
asyncio.run(main())
"""
    parent = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", code])
    await until(lambda: all(note.exists() and note.read_text() for note in notes))
    pids = [int(note.read_text()) for note in notes]
    assert len(set(pids)) == 3
    assert all(map(runs, pids))
    parent.kill()
    await asyncio.to_thread(parent.wait)
    await until(lambda: not any(map(runs, pids)))


async def test_the_event_loop_goes_on_while_files_are_read(pool: Pool) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    started = time.monotonic()
    large = b"SLEEP " + b" " * (45 * 2**20)
    parts = await asyncio.gather(*(pool.read("large.txt", large, SHORT) for _ in range(2)))
    heart.cancel()
    assert [part.code for (part,) in parts] == ["parse_timeout"] * 2
    assert beats > 10 * (time.monotonic() - started)


async def test_workers_know_no_secrets(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_MODEL_KEY", "hush-hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    (part,) = await pool.read("environment.txt", b"ENVIRONMENT ", SHORT)
    assert "PATH=" in text(part)
    assert "hush-hush" not in text(part)
    assert "KAIROS_" not in text(part)


async def test_workers_that_cannot_start_are_no_fault_of_the_file() -> None:
    for command in ((sys.executable, "-c", "import not_there"), ("/not/there",)):
        pool = Pool(1, command)
        with pytest.raises(KairosError, match=r"^notes\.txt cannot be read: no worker process") as caught:
            await pool.read("notes.txt", b"One line.", SHORT)
        assert caught.value.code == "parse_unavailable"
        pool.close()


async def test_time_and_memory_are_told() -> None:
    (part,) = await read_parts("notes.txt", b"One line.")
    assert 5 < part.peak_mb < 200
    assert 0 <= part.seconds < 60


async def test_more_text_than_a_collection_should_hold_of_one_file_is_refused(pool: Pool) -> None:
    half = "The tide table of one year. " * 22_000
    parts = await pool.read(
        "years.zip", archive({"1.txt": half, "2.txt": half, "3.txt": "Short."}), Limits(text_mb=1)
    )
    assert [(part.member, part.code) for part in parts] == [
        ("1.txt", ""),
        ("2.txt", "file_too_long"),
        ("3.txt", ""),
    ]
    (long,) = await pool.read("year.txt", (half * 2).encode(), Limits(text_mb=1))
    assert long.cause == "year.txt holds too much text: at most 1 million characters of a file are read."
