"""The JSON objects in what a model wrote."""

import json
import math
import re
from typing import NoReturn

LONGEST = 1_000_000
"""Characters that are read at most."""

MOST = 10
"""Objects that are read at most."""

# Some servers leave out the opening tag, which stands in the prompt.
_THOUGHTS = re.compile(r"\A[^{].*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A```\w*\n(.*)\n```\Z", re.DOTALL)
# A string, which is kept, or a comma before a closing bracket, which goes. An open string reaches to the end, else
# the search would be quadratic.
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]+|\\.?)*"?)|,(?=\s*[}\]])', re.DOTALL)


def json_objects(text: str) -> list[str]:
    """Every outermost object in a text with prose or fences around, as JSON; trailing commas are taken out.

    Raises ValueError, with words for the model, where there is none or one is broken: what stands inside a broken
    object is never taken for the answer.
    """
    if len(text) > LONGEST:
        raise ValueError(f"the answer is longer than {LONGEST:,} characters")
    text = _THOUGHTS.sub("", text.strip()).strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    if not text:
        raise ValueError("the answer is empty")
    if text[0] in '["':
        raise ValueError("the answer is not a JSON object")
    found: list[str] = []
    while (start := text.find("{")) >= 0:
        if len(found) >= MOST:
            raise ValueError(f"the answer holds more than {MOST} JSON objects")
        one, text = _first(text[start:])
        found.append(one)
    if not found:
        raise ValueError("the answer holds no JSON object")
    return found


def _first(text: str) -> tuple[str, str]:
    """The object that a text begins with, and the text after it."""
    try:
        try:
            end = _DECODER.raw_decode(text)[1]
        except json.JSONDecodeError:
            text = _TRAILING_COMMA.sub(lambda match: match[1] or "", text)
            end = _DECODER.raw_decode(text)[1]
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the JSON is broken or cut off: {error.msg} at character {error.pos}") from None
    return text[:end], text[end:]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number[:40]} is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
