"""Subtitles and transcripts (WebVTT, SRT) to blocks."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.media_types import SRT, VTT

_TIMES = re.compile(
    r"\s*(?:(\d{1,3}):)?(\d\d):(\d\d)[.,](\d{1,3})\s+-->\s+(?:(\d{1,3}):)?(\d\d):(\d\d)[.,](\d{1,3})"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}", re.IGNORECASE)
_PAUSE = 5.0  # seconds of silence that end a paragraph
_LONGEST = 60.0  # seconds after which the next full stop ends one
_STOPS = (".", "!", "?", "…", "。")


@dataclass(slots=True)
class _Turn:
    """What one speaker says without a pause: the lines said from `start` to `end`, in seconds."""

    speaker: str
    start: float
    end: float
    lines: list[str] = field(default_factory=list)


def parse_subtitles(name: str, data: bytes) -> Document:
    """Paragraphs of cues, with who speaks where that is said; times, styles and notes are left out."""
    source = clean(decode(data))
    turns = _turns(source)
    blocks = [Block("paragraph", _shown(turn)) for turn in turns]
    return assemble(title_of(name, []), VTT if source.startswith("WEBVTT") else SRT, blocks)


def _shown(turn: _Turn) -> str:
    return (f"{turn.speaker}: " if turn.speaker else "") + " ".join(turn.lines)


def _turns(source: str) -> Iterator[_Turn]:
    turn: _Turn | None = None
    for start, end, speaker, text in _cues(source):
        if turn is not None and turn.lines[-1] == text and start <= turn.end:
            turn.end = end  # a line that stays on the screen is written once more
            continue
        if turn is None or _over(turn, start, speaker):
            if turn is not None:
                yield turn
            turn = _Turn(speaker, start, end)
        turn.lines.append(text)
        turn.end = max(turn.end, end)
    if turn is not None:
        yield turn


def _over(turn: _Turn, start: float, speaker: str) -> bool:
    if speaker != turn.speaker or start - turn.end > _PAUSE:
        return True
    return start - turn.start > _LONGEST and (
        turn.lines[-1].endswith(_STOPS) or start - turn.start > 2 * _LONGEST
    )


def _cues(source: str) -> Iterator[tuple[float, float, str, str]]:
    """Start and end in seconds, speaker and text of each cue; cues are parted by blank lines."""
    for group in re.split(r"\n[ \t]*\n", source):
        lines = group.strip("\n").split("\n")
        at = next((index for index, line in enumerate(lines[:3]) if _TIMES.match(line)), -1)
        match = _TIMES.match(lines[at]) if at >= 0 else None
        if not match:
            continue
        # Speakers stand at odd places, and what each says behind.
        voices = ["", *_VOICE.split("\n".join(lines[at + 1 :]))]
        for speaker, said in zip(voices[::2], voices[1::2], strict=True):
            text = " ".join(html.unescape(_TAG.sub("", said)).split())
            if text:
                yield _seconds(match.groups()[:4]), _seconds(match.groups()[4:]), speaker.strip(), text


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
