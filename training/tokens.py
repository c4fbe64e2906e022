"""Questions and passages as the tokens that the reader is trained on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from tools.reading.windows import CLS, LONGEST, LONGEST_HEADING, LONGEST_QUESTION, SEP, Span


@dataclass
class Text:
    """A passage as tokens: those of its headings come first, up to `head`; `units` count tokens."""

    ids: list[int]
    head: int
    units: list[Span]
    places: list[Span]


class Encoder:
    """Questions and passages as tokens."""

    def __init__(self, tokenizer: Path, rows: dict[str, Any]) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.texts = {key: self._text(row) for key, row in rows.items()}

    def question(self, text: str) -> list[int]:
        return [CLS, *self._ids(text)[:LONGEST_QUESTION], SEP]

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def _text(self, row: dict[str, Any]) -> Text:
        """[CLS] title headings text [SEP], as far as it goes."""
        head = [
            CLS,
            *self._ids("\n".join(part for part in (row["title"], " > ".join(row["headings"])) if part))[
                :LONGEST_HEADING
            ],
        ]
        body = self.tokenizer.encode(row["text"], add_special_tokens=False)
        room = LONGEST - len(head) - 1
        units, places = [], []
        for start, end in row["units"]:
            inside = [n for n, (a, b) in enumerate(body.offsets[:room]) if a < end and b > start]
            if inside:
                units.append((len(head) + inside[0], len(head) + inside[-1] + 1))
                places.append((start, end))
        return Text([*head, *body.ids[:room], SEP], len(head), units, places)
