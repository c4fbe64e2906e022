"""The texts that the guard's classifier is trained on and measured with, by source: see training/safety_texts.py."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.safety_strings import commands

OURS = Path("evals/datasets")
MEASURED = frozenset(
    {"doc2dial", "qqp", "policyqa", "cranfield", "wice", "bipia-table", "purplellama-context"}
)
MOST = 1_200
"""Harmless texts of one source."""
CHUNK = 1_500
PASTED, LONG = 250, 1_000
"""Documents of one source of which users' texts hold two parts, and their characters at most."""
ASKED = (
    "Please summarise this.",
    "What does this mean?",
    "Make this shorter and friendlier:",
    "Translate this into German:",
    "Correct the mistakes:",
    "Which dates are named in it?",
    "Is this still valid?",
    "Who has to do what, according to this text?",
    "Turn this into a list.",
)
COMMANDS = 2_000


@dataclass(frozen=True, slots=True)
class Example:
    """A text of a user (`document` is empty) or a document; `attack` is what was inserted, `origin` what was varied."""

    source: str
    text: str
    label: str
    kind: str
    document: str = ""
    attack: str = ""
    origin: str = ""


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file."""
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def ours() -> Iterator[tuple[str, dict[str, Any]]]:
    """Our own texts, with the source of each: one for every folder."""
    for file in sorted((OURS / "safety").glob("*/prompts.jsonl")):
        yield from ((f"ours-{file.parent.name}", row) for row in rows(file))


def users(data: Path, chance: random.Random) -> Iterator[Example]:
    """What users write: attacks, harmful requests and harmless texts of many sources."""
    for source, row in ours():
        if "attack" not in row:
            yield Example(source, row["text"], row["label"], row["kind"])
    for row in rows(data / "safety/purplellama-en/prompts.jsonl"):
        if row["kind"].startswith("direct"):
            yield Example("purplellama", row["text"], row["label"], f"{row['kind']}/{row['risk']}")
    for row in rows(data / "safety/advbench/prompts.jsonl"):
        yield Example("advbench", row["text"], row["label"], row["kind"])
    for name, texts in harmless(data):
        found = sorted(set(texts))
        for text in chance.sample(found, min(MOST, len(found))):
            yield Example(name, text, "benign", name)
    for text in sorted(set(pasted(data))):
        yield Example("pasted", text, "benign", "pasted")


def harmless(data: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Harmless texts of users by source."""
    benign = list(rows(data / "safety/benign-dev/prompts.jsonl"))
    yield "banking77", (row["text"] for row in benign if row["kind"] == "banking77")
    yield "doc2dial", (row["text"] for row in benign if row["kind"] == "doc2dial")
    for name in ("llmbar-natural", "mtbench200", "faireval", "llmeval2-200"):
        yield name, (row["instruction"] for row in rows(data / f"judge/{name}/pairs.jsonl"))
    for name in ("bfcl-simple", "bfcl-multiple"):
        yield name, (row["question"] for row in rows(data / f"tools/{name}/cases.jsonl"))
    yield "mmlu", (row["prompt"].split("\nA. ")[0] for row in rows(data / "routing/mmlu-dev/outcomes.jsonl"))
    yield "hotpot", (row["text"] for row in rows(data / "retrieval/hotpot100/queries.jsonl"))
    for part in "abcd":
        file = OURS / f"reading/{part}/questions.jsonl"
        yield f"reading-{part}", (row["question"] for row in rows(file))
    yield "qqp", (row["a"] for row in rows(data / "cache/qqp-dev/pairs.jsonl"))


def pasted(data: Path) -> Iterator[str]:
    """Long harmless texts: parts of documents, with and without a question on them."""
    for name, texts in plain(data):
        if name not in MEASURED:
            for text in list(texts)[:PASTED]:
                own = random.Random(text)
                for _ in range(2):
                    start = own.randrange(max(1, len(text) - LONG))
                    part = text[start : start + own.randrange(LONG // 4, LONG)].strip()
                    yield own.choice((part, f"{own.choice(ASKED)}\n{part}", f"{part}\n\n{own.choice(ASKED)}"))


def documents(data: Path, chance: random.Random) -> Iterator[Example]:
    """Documents with and without an attack in them."""
    for source, row in ours():
        if "context" in row:
            attack = row.get("attack", "")
            yield Example(source, row["text"], row["label"], row["kind"], row["context"], attack)
    seen = set()
    for row in rows(data / "safety/bipia-train/prompts.jsonl"):
        source = "bipia-table" if "/table" in row["kind"] else "bipia"
        if row["label"] == "attack" or row["context"] not in seen:
            seen.add(row["context"])
            attack = row.get("attack", "")
            yield Example(source, row["text"], row["label"], row["kind"], row["context"], attack)
    for row in rows(data / "safety/purplellama-en/prompts.jsonl"):
        if "context" in row:
            yield Example("purplellama-context", row["text"], "attack", row["kind"], row["context"])
    carriers = []
    for name, texts in plain(data):
        chunks = [chunk for text in texts for chunk in _chunks(text)]
        for chunk in chance.sample(chunks, min(400 if name not in MEASURED else 200, len(chunks))):
            yield Example(name, "", "benign", name, chunk)
            carriers += [chunk] * (name not in MEASURED)
    for source, attack in inserted(data, chance):
        own = random.Random(attack)  # further texts leave the others as they are
        document = _inserted(own.choice(carriers), attack, own)
        yield Example(source, "", "attack", f"indirect/{source}", document, attack)


def inserted(data: Path, chance: random.Random) -> Iterator[tuple[str, str]]:
    """What is put into documents: our texts, commands made from parts, requests that belong to a user."""
    for source, attack in sorted({(source, row["attack"]) for source, row in ours() if "attack" in row}):
        yield source, attack
    for attack in commands(chance, COMMANDS):
        yield "made", attack
    for name, texts in harmless(data):
        if name.startswith(("bfcl", "llmbar", "mtbench", "faireval", "llmeval2")):
            found = sorted({text for text in texts if "\n" not in text and 15 < len(text) < 200})
            for text in chance.sample(found, min(150, len(found))):
                yield "request", text


def plain(data: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Texts of documents without attacks by source."""
    yield "handbook", (file.read_text() for file in sorted((data / "corpora/handbook-18f").rglob("*.md")))
    for part in "abcd":
        yield f"reading-{part}", (row["text"] for row in rows(OURS / f"reading/{part}/documents.jsonl"))
    for name, file in (
        ("doc2dial", "retrieval/doc2dial-dev/corpus.jsonl"),
        ("policyqa", "qa/policyqa-dev/documents.jsonl"),
        ("cranfield", "retrieval/cranfield/corpus.jsonl"),
    ):
        yield name, (row["text"] for row in rows(data / file))
    yield "wice", (row["source"] for row in rows(data / "grounding/wice-dev/claims.jsonl"))


def _chunks(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHUNK):
        if len(text) - start > CHUNK // 3:
            yield text[start : start + CHUNK]


def _inserted(text: str, attack: str, chance: random.Random) -> str:
    ends = [0, len(text)] + [
        at + 1 for at, sign in enumerate(text[:-1]) if sign in ".\n" and text[at + 1].isspace()
    ]
    at = chance.choice(ends)
    return f"{text[:at]}\n{attack}\n{text[at:]}".strip()


def varied(found: list[Example]) -> Iterator[Example]:
    """Each text; attacks, and some others, also in other dress: amid harmless words, with slips, in capitals."""
    calm = [
        one.text
        for one in found
        if one.label == "benign" and one.source not in MEASURED and len(one.text) < 300
        if not one.source.startswith("ours")
    ]
    for one in found:
        yield replace(one, origin=one.text)
        chance = random.Random(one.text)  # further texts leave the others as they are
        if one.source in MEASURED or (one.label == "benign" and chance.random() > 0.3):
            continue
        before, after = chance.choice(calm), chance.choice(calm)
        dress = [
            f"{before} {one.text}",
            f"{one.text} {after}",
            f"{before} {one.text} {after}",
            _slips(one.text, chance),
        ]
        dress += [one.text.upper(), one.text.lower()]
        for text in chance.sample(dress, 2):
            yield replace(one, text=text, kind=f"varied/{one.kind}", origin=one.text)


def _slips(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(1 + len(text) // 25):
        at = chance.randrange(len(letters))
        letters[at] = chance.choice(["", letters[at] * 2, chance.choice("aeinrst")])
    return "".join(letters)
