"""Letters of users, each written anew: questions and sentences of our reading sets, with a sender and a date."""

import json
import random
import re
from pathlib import Path

SETS = Path(__file__).resolve().parents[1] / "evals" / "datasets" / "reading"
_FIRST = "Amina Bram Carla Dmitri Elena Farid Greta Hugo Ines Jonas Keiko Liam Mara Nils Olga Priya Rosa Sven".split()
_LAST = "Abara Bergström Castillo Dumont Eriksen Fairley Grünwald Hollis Ibarra Jansen Kowalczyk Lindqvist".split()
_MONTHS = "January February March April May June July August September October November December".split()
_SENTENCE = re.compile(r"[A-Z][^.?!\n]{20,220}[.?!](?=\s)")


class Letters:
    """Letters of any length in English prose; the same seed gives the same ones, and none comes twice."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - texts to read, no secrets
        self._questions = [json.loads(line)["question"] for line in _lines("questions.jsonl")]
        texts = [json.loads(line)["text"] for line in _lines("documents.jsonl")]
        self._sentences = [match[0] for text in texts for match in _SENTENCE.finditer(text)]

    def write(self, length: int) -> str:
        """A letter of `length` characters."""
        head, foot = self._head(), self._foot()
        body: list[str] = []
        while sum(map(len, body)) + len(body) + len(head) + len(foot) < length:
            source = self._questions if self._random.random() < 0.3 else self._sentences
            body.append(self._random.choice(source))
            if self._random.random() < 0.15:
                body.append("\n\n")
        room = length - len(head) - len(foot)
        return head + " ".join(body)[:room].ljust(room, ".") + foot

    def _head(self) -> str:
        return f"Hello {self._random.choice(_FIRST)},\n"

    def _foot(self) -> str:
        pick = self._random
        first, last = pick.choice(_FIRST), pick.choice(_LAST)
        day = f"{pick.randint(1, 28)} {pick.choice(_MONTHS)} {pick.randint(2019, 2026)}"
        phone = f"+44 20 7946 {pick.randint(0, 9999):04}"
        return f"\n{first} {last}, {day}\n{first.lower()}{pick.randint(1, 9999)}@example.org, {phone}"


def _lines(name: str) -> list[str]:
    return [line for file in sorted(SETS.glob(f"*/{name}")) for line in file.read_text("utf-8").splitlines()]
