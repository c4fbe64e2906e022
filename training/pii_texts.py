"""The texts that the tagger of personal data learns from: labelled sets, sentences of ours, questions without any."""

import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.guard.pii.words import LISTS

OWN = Path(__file__).with_name("pii_sentences.txt")
LABELS = {
    "GPE": "LOCATION",
    "STREET_ADDRESS": "ADDRESS",
    "ZIP_CODE": "ADDRESS",
    "NRP": "NATIONALITY",
    "DATE_TIME": "DATE",
    "PHONE_NUMBER": "PHONE",
}
"""Types of the sets and the labels that they are read as; others stand for themselves."""
_SLOT = re.compile(r"\{([A-Z]+)\}")
_TITLE = re.compile(r"(?:mr|mrs|ms|dr|miss)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, its spans (start, end, label), and the group of templates that it comes from."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    group: int


def read(folders: list[Path]) -> list[Text]:
    """Every text; templates that share most of their words are one group (60 % of the words, Jaccard)."""
    rows = [
        json.loads(line) for folder in folders for line in (folder / "texts.jsonl").open(encoding="utf-8")
    ]
    groups = _groups(rows)
    return [
        Text(
            row["text"],
            tuple((span["start"], span["end"], _label(span, row["text"])) for span in row["spans"]),
            groups[row["template_id"]],
        )
        for row in rows
    ]


def without(file: Path, kind: str) -> list[Text]:
    """Questions of a `safety` set of this kind, taken as free of personal data."""
    rows = map(json.loads, file.open(encoding="utf-8"))
    return [Text(row["text"], (), -1) for row in rows if row["kind"] == kind]


def values(texts: list[Text]) -> dict[str, list[str]]:
    """What stands in the spans of each label."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for start, end, label in text.spans:
            found[label].append(text.text[start:end])
    return found


def listed() -> dict[str, list[str]]:
    """Values from the lists of words that the detector knows."""
    nations = sorted(LISTS["nationality"])
    return {
        "NATIONALITY": [word.capitalize() for word in nations]
        + [word.capitalize() + "s" for word in nations]
        + nations,
        "LOCATION": [word.capitalize() for word in sorted(LISTS["place"])],
        "TITLE": [word.capitalize() for word in sorted(LISTS["job"])],
        "PERSON": [word.capitalize() for word in sorted(LISTS["first_name"])],
    }


def pooled(texts: list[Text]) -> dict[str, list[str]]:
    """What spans are refilled with: the values of the texts, and for every three of them one from the lists."""
    found = values(texts)
    for label, words in listed().items():
        found[label] += (words * 3)[: max(len(found[label]) // 3, min(len(words), 120))]
    return found


def refilled(text: Text, pool: dict[str, list[str]], draw: random.Random) -> Text:
    """The same text with other values of the same labels."""
    return _filled([*_parts(text)], pool, draw, text.group)


def own(pool: dict[str, list[str]], draw: random.Random) -> list[Text]:
    """Sentences written for this, filled with values of the pool."""
    result = []
    for line in OWN.read_text(encoding="utf-8").splitlines():
        pieces = _SLOT.split(line.replace("\\n", "\n"))
        parts = [
            (piece, label or None) for piece, label in zip(pieces[::2], [*pieces[1::2], None], strict=True)
        ]
        result.append(_filled(parts, pool, draw, -1))
    return result


def recased(text: Text, draw: random.Random) -> Text:
    """One in eight in small letters, one in thirty in capitals, where that keeps the length."""
    chance = draw.random()
    other = text.text.lower() if chance < 0.125 else text.text.upper() if chance < 0.16 else text.text
    return Text(other, text.spans, text.group) if len(other) == len(text.text) else text


def _label(span: dict[str, Any], text: str) -> str:
    label = str(span["type"])
    if label == "PERSON" and _TITLE.fullmatch(text[span["start"] : span["end"]]):
        return "TITLE"
    return LABELS.get(label, label)


def _parts(text: Text) -> list[tuple[str, str | None]]:
    """The words before each span with its label; last the rest."""
    parts: list[tuple[str, str | None]] = []
    at = 0
    for start, end, label in text.spans:
        parts.append((text.text[at:start], label))
        at = end
    return [*parts, (text.text[at:], None)]


def _filled(
    parts: list[tuple[str, str | None]], pool: dict[str, list[str]], draw: random.Random, group: int
) -> Text:
    text, spans = "", []
    for words, label in parts:
        text += words
        if label:
            value = draw.choice(pool[label])
            spans.append((len(text), len(text) + len(value), label))
            text += value
    return Text(text, tuple(spans), group)


def _groups(rows: list[dict[str, Any]]) -> dict[int, int]:
    words: dict[int, set[str]] = {}
    for row in rows:
        words.setdefault(row["template_id"], _words(row))
    group = {template: template for template in words}
    for one in words:
        for other in words:
            shared = len(words[one] & words[other])
            if shared >= 0.6 * max(1, len(words[one] | words[other])):
                old, new = group[one], group[other]
                group = {template: new if own == old else own for template, own in group.items()}
    return group


def _words(row: dict[str, Any]) -> set[str]:
    text = str(row["text"])
    for span in reversed(row["spans"]):
        text = text[: span["start"]] + " " + text[span["end"] :]
    return set(re.findall(r"\w+", text.lower()))
