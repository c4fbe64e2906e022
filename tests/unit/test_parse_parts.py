"""What goes between the processes that parse and the one that asks, and who may ask when."""

import asyncio
import socket
import threading

import pytest

from tools.parse.assemble import assemble
from tools.parse.document import Block
from tools.workers.frames import read_frame, receive_frame, send_frame, write_frame
from tools.workers.part import Job, Limits, Part, job_from, part_from, to_json
from tools.workers.slots import Slots


def test_parts_and_jobs_come_back_as_they_went() -> None:
    blocks = [
        Block("heading", "Über \u2028 \U0001f6a2", 2, 1),
        Block("table", "a | b\n1 | 2", 0, 3),
        Block("code", "x\ty"),
    ]
    document = assemble("Häfen", "text/plain", blocks, 3, {"author": 'A "B"'})
    part = Part("in/side.zip/ä.txt", document, seconds=0.25, peak_mb=31.5)
    assert part_from(to_json(part)) == part
    assert part_from(to_json(part)).document.page_starts == document.page_starts  # type: ignore[union-attr]
    failure = Part("", None, "file_corrupt", "b.pdf is damaged.")
    assert part_from(to_json(failure)) == failure
    job = Job("a.zip", Limits(seconds=0.5, depth=1, kinds=("text/plain",)), ["", "x"], ["y"])
    assert job_from(to_json(job)) == job


async def test_frames_of_any_size_arrive_whole_and_a_cut_one_is_none() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    sent = [b"", b"x", b"long" * 500_000]

    def echo() -> None:
        with theirs, theirs.makefile("rwb") as stream:
            for _ in sent:
                write_frame(stream, read_frame(stream) or b"")
            stream.write(b"\0\0\0\x09cut")

    thread = threading.Thread(target=echo)
    thread.start()
    with ours:
        for content in sent:
            await send_frame(ours, content)
            assert await receive_frame(ours) == content
        assert await receive_frame(ours) is None
    await asyncio.to_thread(thread.join)


async def test_a_slot_that_is_given_up_while_waiting_goes_to_the_next() -> None:
    slots, served = Slots(1), list[str]()

    async def use(name: str) -> None:
        async with slots.one():
            served.append(name)
            await asyncio.sleep(0)

    async with slots.one():
        tasks = [asyncio.create_task(use(name)) for name in "abc"]
        await asyncio.sleep(0)
        tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert served == ["a", "c"]
    async with asyncio.timeout(5), slots.one():
        pass


def test_slots_are_shared_by_event_loops() -> None:
    slots, inside, most = Slots(2), 0, 0

    async def use() -> None:
        nonlocal inside, most
        async with slots.one():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    async def many() -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(*(use() for _ in range(50)))

    threads = [threading.Thread(target=asyncio.run, args=(many(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 2)


def test_limits_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from state.settings import settings
    from tools.workers.pool import settings_limits

    monkeypatch.setenv("KAIROS_PARSE_SECONDS", "7.5")
    monkeypatch.setenv("KAIROS_PARSE_MEMORY_MB", "512")
    settings.cache_clear()
    try:
        limits = settings_limits()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert (limits.seconds, limits.memory_mb, limits.file_mb) == (7.5, 512, 50)
