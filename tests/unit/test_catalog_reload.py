"""A changed catalog takes effect without a restart; one with a mistake leaves the last good one in force."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from state.errors import KairosError
from state.settings import settings
from tools import watched
from tools.models import watch
from tools.models.reading import Catalog, read
from tools.models.watch import Watch

Write = Callable[[str], None]


def text(*names: str) -> str:
    return "models:\n" + "".join(f"  - {{name: {name}, provider: ollama, model: m}}\n" for name in names)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("KAIROS_MODEL_URL", "KAIROS_MODEL_KEY", "KAIROS_MODEL_NAME"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "models.yaml"
    path.write_text(text("a"))
    monkeypatch.setenv("KAIROS_MODELS", str(path))
    settings.cache_clear()
    yield path
    settings.cache_clear()


def test_a_change_is_seen_when_a_second_has_passed(path: Path, clock: Clock) -> None:
    catalog = Watch()
    assert list(catalog()) == ["a"]
    path.write_text(text("a", "b"))
    assert list(catalog()) == ["a"]
    clock.now += watched.LOOK_SECONDS
    assert list(catalog()) == ["a", "b"]


def test_an_untouched_file_is_not_read_again(path: Path, clock: Clock) -> None:
    catalog = Watch()
    before = catalog.now()
    clock.now += 60
    assert catalog.now() is before


def test_a_file_put_in_its_place_with_the_same_time_and_size_is_seen(path: Path, clock: Clock) -> None:
    catalog = Watch()
    assert list(catalog()) == ["a"]
    about = path.stat()
    other = path.with_name("other.yaml")
    other.write_text(text("b"))
    os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns))
    other.replace(path)
    assert path.stat().st_size == about.st_size
    clock.now += 60
    assert list(catalog()) == ["b"]


def test_a_mistake_keeps_the_last_good_one_and_is_told_once(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = Watch()
    good = catalog.now()
    assert good.problem is None
    path.write_text(text("a", "b").replace("model: m", "modell: sk-pasted", 1))
    with caplog.at_level(logging.WARNING, logger="tools.watched"):
        for _ in range(5):
            clock.now += 60
            assert list(catalog()) == ["a"]
    (record,) = caplog.records
    told = catalog.now().problem
    assert told is not None
    assert told.startswith(f"{path}, line 2, models.0")
    assert told in record.getMessage()
    assert "sk-pasted" not in caplog.text
    path.write_text(text("c"))
    clock.now += 60
    assert (list(catalog()), catalog.now().problem) == (["c"], None)


@pytest.mark.parametrize("away", [True, False])
def test_a_file_that_is_gone_or_empty_keeps_the_last_good_one(path: Path, clock: Clock, away: bool) -> None:
    catalog = Watch()
    catalog()
    path.unlink() if away else path.write_bytes(b"")
    clock.now += 60
    assert list(catalog()) == ["a"]
    assert catalog.now().problem
    path.write_text(text("b"))
    clock.now += 60
    assert list(catalog()) == ["b"]


def test_the_first_one_must_be_right_and_may_be_mended(path: Path, clock: Clock) -> None:
    path.write_text("models: 7\n")
    catalog = Watch()
    for _ in range(2):
        with pytest.raises(KairosError, match="line 1, models"):
            catalog()
    path.write_text(text("a"))
    assert list(catalog()) == ["a"]


async def test_on_an_event_loop_it_is_read_in_a_thread(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Watch()
    await asyncio.to_thread(catalog)
    readers: list[int] = []

    def noting(*given: object) -> Catalog:
        readers.append(threading.get_ident())
        return read(path)

    monkeypatch.setattr(watch, "read", noting)
    await asyncio.to_thread(path.write_text, text("b"))
    clock.now += 60
    catalog()
    for _ in range(1_000):
        if list(catalog()) == ["b"]:
            break
        await asyncio.sleep(0.01)
    assert list(catalog()) == ["b"]
    assert readers
    assert threading.get_ident() not in readers


def test_many_threads_see_whole_catalogs(path: Path, clock: Clock) -> None:
    catalog = Watch()
    catalog()
    seen: set[tuple[str, ...]] = set()

    def look() -> None:
        for _ in range(200):
            clock.now += 1
            seen.add(tuple(catalog()))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        for names in (("a", "b"), ("c",)):
            other = path.with_name("next.yaml")
            other.write_text(text(*names))
            other.replace(path)
    for thread in threads:
        thread.join()
    assert seen <= {("a",), ("a", "b"), ("c",)}
    clock.now += 60
    assert list(catalog()) == ["c"]
