"""Where sentences begin and end, by rules: no model, linear time, the same answer every time."""

import re

# A run of sentence-ending marks with the quotes, brackets and reference numbers that belong to it.
_END = re.compile(r"[.!?…]+(?:[)\]\"'”’»]|\[\d{1,3}\])*|[。！？]+[”’」』）]*")
_MARKER = re.compile(r"\s*(?:[-*+•◦▪–—]|#{1,6}|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])\s")
_TOKEN = re.compile(r"[^\s(\[\"'“‘/]+\Z")
_ORDINAL = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})\Z")

_BEFORE_A_NAME = re.compile(
    r"(?:dr|mr|mrs|ms|prof|rev|hon|gen|col|lt|sgt|capt|sen|rep|gov|e\.?g|i\.?e|vs|cf|viz|ca|incl|esp|resp)\Z"
)
_BEFORE_A_NUMBER = re.compile(
    r"(?:nos?|figs?|sec|art|ch|vol|eq|pp?|par|para|ext|tel|approx|min|max|ver|v|app|tab"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\Z"
)
_MAY_END = re.compile(
    r"(?:inc|ltd|co|corp|llc|etc|al|jr|sr|st|ave|blvd|dept|est|am|pm|hrs?|ph\.d|(?:[a-z]\.)*[a-z])\Z"
)
_STARTER = re.compile(
    r"(?:the|an?|this|that|these|those|there|its?|he|she|we|you|they|i|my|our|your|his|her|their|if|in|on|at"
    r"|for|from|to|by|with|when|while|where|what|who|why|how|after|before|all|any|each|no|not|but|and|or|so|as"
    r"|then|also|some|most|see|however|please)\b",
    re.IGNORECASE,
)

_LONGEST_TOKEN = 24  # characters looked at before a full stop; keeps the scan linear
_WRAPPED = 40  # a line shorter than this was ended on purpose, not wrapped


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans `(start, end)` of the sentences of `text`, in order; together they hold all but blanks.

    List items, headings, table rows and paragraphs end a sentence too; markers ("- ", "3. ") stay in it.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        begin = start
        for match in _END.finditer(text, start, end):
            stop = match.end()
            if stop < end and _ends_sentence(text, begin, match, end):
                spans.append((begin, stop))
                begin = _skip_blanks(text, stop, end)
        if begin < end:
            spans.append((begin, end))
    return spans


def _blocks(text: str) -> list[tuple[int, int]]:
    """Spans without outer blanks between the line breaks that end a sentence whatever its marks."""
    blocks: list[tuple[int, int]] = []
    before, position = "", 0
    for line in text.split("\n"):
        start = position + len(line) - len(line.lstrip())
        end = position + len(line.rstrip())
        position += len(line) + 1
        if start < end:
            if before and _continues(before, line):
                blocks[-1] = (blocks[-1][0], end)
            else:
                blocks.append((start, end))
        before = line.strip()
    return blocks


def _continues(before: str, line: str) -> bool:
    """Whether `line` is the wrapped rest of the line `before` it."""
    if " | " in before or " | " in line or before.startswith("#") or _MARKER.match(line):
        return False
    return len(before) >= _WRAPPED or not line.lstrip()[:1].isupper()


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the marks of `match` end the sentence that began at `begin`."""
    marks, stop = match.group(), match.end()
    if marks[0] in "。！？":
        return True
    if not text[stop].isspace():
        return False
    if text[_skip_blanks(text, stop, end)].islower():
        return marks[-1] in "?!"
    if marks[0] != "." or marks[1:2] == ".":
        return True
    return not _abbreviated(text, begin, match, end)


def _abbreviated(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the full stop belongs to an abbreviation, an initial or the number of a list item."""
    token = _TOKEN.search(text, max(begin, match.start() - _LONGEST_TOKEN), match.start())
    if not token:
        return False
    after = _skip_blanks(text, match.end(), end)
    if token.start() == begin and _ORDINAL.match(token.group()):
        return True
    word = token.group().lower()
    if _BEFORE_A_NUMBER.match(word) and text[after].isdigit():
        return True
    return bool(_BEFORE_A_NAME.match(word) or (_MAY_END.match(word) and not _STARTER.match(text, after)))


def _skip_blanks(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start
