"""What is worked out once for a request is kept there only, and not for ever."""

from dataclasses import replace

import pytest

from tools.guard.check import About
from tools.guard.memo import KEPT, Memo


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        return self.made


async def test_it_is_made_once_for_each_text() -> None:
    memo, make = Memo(), Maker()
    assert await memo.get("a", "text", make) == await memo.get("a", "text", make) == 1
    assert await memo.get("a", "other", make) == 2
    assert await memo.get("b", "text", make) == 3


async def test_the_oldest_goes_first() -> None:
    memo, make = Memo(), Maker()
    for number in range(KEPT + 1):
        await memo.get("a", str(number), make)
    assert await memo.get("a", "1", make) == 2
    assert await memo.get("a", "0", make) == KEPT + 2


async def test_a_failure_is_not_kept() -> None:
    async def fail() -> int:
        raise ValueError("no")

    memo = Memo()
    with pytest.raises(ValueError, match="no"):
        await memo.get("a", "text", fail)
    assert await memo.get("a", "text", Maker()) == 1


def test_every_request_has_its_own() -> None:
    about = About(question="a")
    assert About(question="a").memo is not about.memo
    assert replace(about, question="b").memo is not about.memo
    assert "memo" not in repr(about)
