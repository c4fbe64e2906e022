"""A task as its tokens: where they stand, their stems, and which of them carry content."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from tools.analyse import STOP_WORDS, stem

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*|[^\w\s]|_")
_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")

BREAKS = STOP_WORDS | frozenset(
    "please find get give tell show calculate compute need want like using use used given based per via "
    "within without let know make help could would also including include includes will can many much "
    "long near nearby around between among versus vs whose what which who whom where when why how i i'm "
    "am called named titled having starting ending since till while".split()
)
"""Words that no phrase goes over."""
VERBS = frozenset(
    "book request cancel send create file open submit add delete remove update change assign schedule "
    "reschedule order approve reject register reserve close move rename post pay transfer invite apply "
    "claim raise report log set withdraw upload email mail message remind enter extend renew return "
    "convert search look check list get fetch play retrieve determine identify predict estimate analyze "
    "generate provide locate translate plot sort solve draw write compare visit say call include buy sell "
    "mix divide multiply subtract listen watch teach explain describe name count measure evaluate "
    "recommend suggest take turn print read save share reset restart summarize".split()
)
"""With which a request begins."""


@dataclass(slots=True)
class Text:
    """Tokens with their spans in characters; stems are of lower-case words."""

    text: str
    spans: list[tuple[int, int]] = field(init=False)
    words: list[str] = field(init=False)
    stems: list[str] = field(init=False)
    places: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.spans = [match.span() for match in _TOKEN.finditer(self.text)]
        self.words = [self.text[start:end] for start, end in self.spans]
        self.stems = [stem(word.lower()) for word in self.words]
        self.places = {}
        for at, one in enumerate(self.stems):
            self.places.setdefault(one, []).append(at)

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that a span of characters touches, the end exclusive."""
        first = bisect_right(self.spans, start, key=lambda span: span[1])
        return first, bisect_left(self.spans, end, key=lambda span: span[0])


def name_stems(name: str) -> list[str]:
    """The stems of the words of a name such as `start_date` or `numRooms`; digits are left out."""
    return [stem(word.lower()) for word in _PARTS.split(name) if word]


def content_stems(text: str) -> list[str]:
    """The stems of the words of a text that carry content."""
    words = (word.lower() for word in re.findall(r"[^\W\d_]+", text))
    return [stem(word) for word in words if word not in STOP_WORDS]
