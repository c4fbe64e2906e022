"""The marks inside a line of AsciiDoc, taken off."""

import re
from collections.abc import Mapping

# Every repetition is bounded, so that no text takes quadratic time.
_TO = r"[^\s\[\]<>]{1,500}"
_MACROS = (
    (re.compile(r"\bpass:[a-z,]{0,9}\[([^\]]{0,1000})\]|\+\+\+([^\n]{1,300}?)\+\+\+"), r"\1\2"),
    (re.compile(r"\b(?:indexterm2?|anchor|bibanchor):[^\s\[]{0,99}\[[^\]]{0,300}\]"), ""),
    (re.compile(r"\(\(\([^()]{0,300}\)\)\)|\[\[[^\[\]]{0,300}\]\]"), ""),
    (re.compile(r"\(\(([^()]{1,300})\)\)"), r"\1"),
    (re.compile(r"\b(?:image|icon):[^\s\[\]:]{1,300}\[(?:alt=)?\"?([^\],\"]{0,500}+)[^\]]{0,300}+\]"), r"\1"),
    (re.compile(r"[ \n]?\bfootnote(?:ref)?:[^\s\[]{0,99}\[([^\]]{1,2000})\]"), r" (\1)"),
    (re.compile(r"\bmenu:([^\[\n]{1,99})\[([^\]]{0,300})\]"), r"\1 › \2"),
    (re.compile(r"\b(?:kbd|btn|stem|latexmath|asciimath):\[((?:\\\]|[^\]\\]|\\[^\]]){0,1000})\]"), r"\1"),
    (re.compile(r"<<[^<>,]{0,300},\s?([^<>]{1,500})>>"), r"\1"),
    (re.compile(r"<<#?([^<>,]{1,300})>>"), r"\1"),
    (re.compile(rf"\b(?:link|xref|mailto):({_TO})\[\]|\b((?:https?|ftp)://{_TO})\[\]"), r"\1\2"),
    (
        re.compile(
            rf"\b(?:(?:link|xref|mailto):|(?:https?|ftp)://){_TO}"
            r"\[(?:\"([^\"\]]{1,1000})\"|([^\],^]{1,1000}+))[^\]]{0,300}+\]"
        ),
        r"\1\2",
    ),
)
_ROLE = re.compile(r"(?<!\w)\[[.#%\w -]{0,99}\](?=[#*_`])")
# Doubled marks stand anywhere, single ones only around words.
_MARKS = (
    re.compile(r"(\*\*|__|``|##)(?=\S)([^\n]{1,300}?)(?<=\S)\1"),
    re.compile(r"(?<![\w\\:;}*_`#])([*_`#+])(?=[^\s*_`#+])([^\n]{1,300}?)(?<=\S)\1(?!\w)"),
    re.compile(r"([\^~])(\S{1,99}?)\1"),
)
_NAMED = {
    "nbsp": " ", "sp": " ", "empty": "", "blank": "", "amp": "&", "lt": "<", "gt": ">", "plus": "+", "vbar": "|",
    "apos": "'", "quot": '"', "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "asterisk": "*", "zwsp": "",
    "startsb": "[", "endsb": "]", "two-colons": "::", "deg": "°", "backslash": "\\", "tilde": "~", "caret": "^",
}  # fmt: skip
_ATTRIBUTE = re.compile(r"(?<!\\)\{([\w-]{1,99})\}")
_SPECIAL = re.compile(r"[\[*_`#^~<{\\+(]")
_HARD_BREAK = re.compile(r"[ \t]\+$", re.MULTILINE)


def inline(text: str, attributes: Mapping[str, str]) -> str:
    """`text` as it reads, with the attributes of the page put in."""
    if not _SPECIAL.search(text):
        return text
    text = _HARD_BREAK.sub("", filled(text, attributes))
    for pattern, shown in _MACROS:
        text = pattern.sub(shown, text)
    text = _ROLE.sub("", text)
    for pattern in _MARKS:
        text = pattern.sub(r"\2", text)
    return re.sub(r"\\([*_`#{\[<^~])", r"\1", text)


def filled(text: str, attributes: Mapping[str, str]) -> str:
    """`text` with the names in braces that the page or the language gives a value."""
    return _ATTRIBUTE.sub(lambda match: attributes.get(match[1], _NAMED.get(match[1], match[0])), text)
