"""A sum that is asked for in words or signs, as an expression for the calculator."""

import re
from decimal import Decimal

from tools.acting.extracting.numbers import Number, numbers

_ASKED = re.compile(
    r"^(?:(?:hi|hello|please|ok|so)[\s,]+)*(?:(?:can|could|would|will) you\s+)?(?:please\s+)?(?:tell me\s+)?"
    r"(?:what(?:'s|\s+is|\s+are|\s+does)|how much(?:\s+is|\s+are)?|calculate|compute|work out|evaluate|solve|find|add up|give me)?"
    r"\s*(?:the (?:value|result) of\s+|the\s+)?",
    re.IGNORECASE,
)
_END = re.compile(r"(?:\s+(?:equal|make|please|in total|altogether))*[\s?.!=]*$", re.IGNORECASE)
_N = r"(\(?-?\d[\d.]*\)?)"
_MONEY = re.compile(r"[€$£¥]|\b(?:EUR|USD|GBP|euros?|dollars?|pounds?)\b", re.IGNORECASE)
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (rf"{_N}\s*%\s*(?:of|from)\s*{_N}", r"(\2 * \1 / 100)"),
        (rf"(?:add|adding)\s+{_N}\s*%\s+to\s+{_N}", r"(\2 * (1 + \1 / 100))"),
        (rf"(?:subtract|take)\s+{_N}\s*%\s+(?:from|off)\s+{_N}", r"(\2 * (1 - \1 / 100))"),
        (rf"{_N}\s+(?:plus|increased by|raised by)\s+{_N}\s*%", r"(\1 * (1 + \2 / 100))"),
        (rf"{_N}\s+(?:minus|less|reduced by|decreased by|with a discount of)\s+{_N}\s*%", r"(\1 * (1 - \2 / 100))"),
        (rf"add\s+{_N}\s+(?:to|and)\s+{_N}", r"(\2 + \1)"),
        (rf"subtract\s+{_N}\s+from\s+{_N}", r"(\2 - \1)"),
        (rf"multiply\s+{_N}\s+(?:by|with|and)\s+{_N}", r"(\1 * \2)"),
        (rf"divide\s+{_N}\s+by\s+{_N}", r"(\1 / \2)"),
        (rf"difference (?:between|of)\s+{_N}\s+and\s+{_N}", r"(\1 - \2)"),
        (rf"(?:the\s+)?square root of\s+{_N}", r"sqrt(\1)"),
        (rf"{_N}\s+squared", r"(\1 ** 2)"),
        (rf"{_N}\s+cubed", r"(\1 ** 3)"),
        (rf"{_N}\s+(?:to the power of|to the)\s+{_N}", r"(\1 ** \2)"),
        (r"\^", " ** "),
        (r"\bdivided by\b|\bover\b|[÷:]", " / "),
        (r"\bmultiplied (?:by|with)\b|\btimes\b|(?<=\d)\s*[x×·]\s*(?=\d)", " * "),
        (r"\bplus\b", " + "),
        (r"\bminus\b|[−–]", " - "),
    )
)  # fmt: skip
_LIST = re.compile(r"^(sum|total|product|average|mean)\s+(?:of|between)\s+(.+)$", re.IGNORECASE)
_EXPRESSION = re.compile(r"(?:[\d.()+*/ -]|sqrt)+")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")
_OPERATION = re.compile(r"\d\s*\)*\s*(?:[-+*/]|\*\*)\s*\(*\s*[\d(s-]|sqrt")


def sum_of(said: str) -> str | None:
    """The expression; None where the text is not a sum and nothing else."""
    if _DATE.search(said):
        return None
    plain = _in_digits(said.strip())
    plain = _END.sub("", _ASKED.sub("", _MONEY.sub("", plain), count=1)).strip()
    if match := _LIST.match(plain):
        return _listed(match[1].lower(), match[2])
    for _ in range(3):
        for pattern, replacement in _RULES:
            plain = pattern.sub(replacement, plain)
    plain = _bare(" ".join(plain.split()))
    return plain if _EXPRESSION.fullmatch(plain) and _OPERATION.search(plain) else None


def _bare(expression: str) -> str:
    """Without parentheses around the whole of it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth = 0
    for at, sign in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return expression[1:-1] if at == len(expression) - 1 else expression
    return expression


def _listed(kind: str, rest: str) -> str | None:
    parts = [part for part in re.split(r"\s*(?:,|\band\b|&)\s*", rest) if part]
    if len(parts) < 2 or not all(re.fullmatch(r"-?\d+(?:\.\d+)?", part) for part in parts):
        return None
    if kind == "product":
        return " * ".join(parts)
    total = " + ".join(parts)
    return f"({total}) / {len(parts)}" if kind in ("average", "mean") else total


def _in_digits(text: str) -> str:
    """The text with its numbers written the way the calculator reads them."""
    made, at = [], 0
    for number in numbers(text):
        if (
            number.kind in ("number", "percent", "money", "word")
            and number.start >= at
            and _is_plain(text, number)
        ):
            percent = " %" if number.kind == "percent" else ""
            made += [text[at : number.start], _digits(number.value), percent]
            at = number.end
    return "".join([*made, text[at:]])


def _is_plain(text: str, number: Number) -> bool:
    return text[number.start : number.end].lower() not in (
        "rest",
        "once",
        "twice",
        "thrice",
        "decade",
        "couple",
    )


def _digits(value: float) -> str:
    exact = Decimal(repr(value))
    return format(exact.to_integral_value() if exact == exact.to_integral_value() else exact, "f")
