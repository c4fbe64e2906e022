"""How words are usually written: capitalisation statistics of running text, a clue to what is a name.

Counts words inside sentences, with a capital and without. Only the counts' class is kept, by the word's hash.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

_WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+")
_START = re.compile(r"[.!?:;\n\"“*|#>\[(]\s*$")
_PLAIN = re.compile(r"(?:[A-Z]|I\b)[a-z]*(?:,? (?:[a-z]++(?:['’-][a-z]++)?|I(?:['’][a-z]++)?)\b){4,40}[.?!]")


def plain(files: Iterable[Path]) -> list[str]:
    """Sentences in which nothing but the first word and "I" has a capital, and no digit stands: they name nobody."""
    texts = (file.read_text(encoding="utf-8", errors="ignore").replace("\\n", "\n") for file in files)
    return sorted({match[0] for text in texts for match in _PLAIN.finditer(text)})


def classes(files: Iterable[Path]) -> dict[int, int]:
    """CRC-32 of a word in small letters -> its class: 1 to 4 small, 5 either, 6 to 8 with a capital, by frequency."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for file in files:
        for line in file.read_text(encoding="utf-8", errors="ignore").replace("\\n", "\n").splitlines():
            for match in _WORD.finditer(line):
                word = match[0]
                if word.islower():
                    small[word] += 1
                elif word[:1].isupper() and word[1:].islower() and not _starts(line, match.start()):
                    capital[word.lower()] += 1
    return {crc32(word.encode()): _class(small[word], capital[word]) for word in small | capital}


def _starts(line: str, at: int) -> bool:
    return at < 2 or _START.search(line, max(0, at - 4), at) is not None


def _class(small: int, capital: int) -> int:
    total = small + capital
    if capital < 0.15 * total:
        return 1 + (total > 1) + (total > 5) + (total > 40)
    if capital < 0.85 * total:
        return 5
    return 6 + (total > 1) + (total > 5)
