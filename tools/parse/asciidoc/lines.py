"""The lines of an AsciiDoc page, and what kind of line each is."""

import re

ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:[ \t]+(.*))?$")
SECTION = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)$")
IMAGE = re.compile(r"(?:image|video|audio)::[^\s\[]+\[(.*)\]$")
CODE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|`{3})\w*$")
AROUND = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--|~{4,})$")  # marks around blocks that are read as they are
TABLE = re.compile(r"([|,:!])={3,}$")
TITLE = re.compile(r"\.[^\s.]")


class Lines:
    """Lines without blanks at their ends, read from `at` on."""

    def __init__(self, text: str) -> None:
        self.lines = [line.rstrip() for line in text.split("\n")]
        self.at = 0

    def here(self, ahead: int = 0) -> str:
        """The current line, or one further down; empty behind the end."""
        place = self.at + ahead
        return self.lines[place] if place < len(self.lines) else ""

    def ended(self) -> bool:
        return self.at >= len(self.lines)

    def skip_blank(self) -> None:
        while not self.ended() and not self.lines[self.at]:
            self.at += 1

    def enclosed(self, mark: str) -> list[str]:
        """The lines from below the current one to the next that is `mark`, or to the end; read on behind them."""
        start = end = self.at + 1
        while end < len(self.lines) and self.lines[end] != mark:
            end += 1
        self.at = end + 1
        return self.lines[start:end]


def begins_block(line: str) -> bool:
    """Whether a line ends the paragraph or item before it."""
    return bool(CODE.match(line) or TABLE.match(line) or AROUND.match(line) or re.match(r"\[\S*\]$", line))


def alternative(options: str) -> str:
    """What a picture is said to show, of what stands in the brackets behind it."""
    named = re.search(r"\balt=\"?([^\",]+)", options)
    first = options.split(",")[0].strip(' "')
    return named[1] if named else "" if "=" in first else first
