"""The calculator: exact arithmetic, so that no model has to work anything out in its head."""

from decimal import Decimal, localcontext
from fractions import Fraction

from tools.builtin.arithmetic import DIGITS, FUNCTIONS, LONGEST, NAMES, evaluate
from tools.tool import Arguments, Result, Tool

SHOWN = 28
"""Digits of a number that does not end."""


async def calculate(arguments: Arguments, *_: object) -> Result:
    """The value as a decimal, and as a fraction where the decimal is rounded."""
    value = evaluate(arguments["expression"])
    shown, exact = written(value)
    fraction = f"{value.numerator}/{value.denominator}" if not exact and _short(value) else None
    structured = {"value": shown, "exact": exact} | ({"fraction": fraction} if fraction else {})
    return Result(shown if exact else f"about {shown}" + (f" ({fraction})" if fraction else ""), structured)


def written(value: Fraction) -> tuple[str, bool]:
    """A number in decimal digits, and whether those are all of it."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    digits = len(str(value.numerator)) + len(str(value.denominator)) * 4
    exact = rest == 1 and (value.denominator == 1 or digits < 2 * DIGITS)
    with localcontext(prec=max(digits, SHOWN) if exact else SHOWN):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        return (format(quotient, "f") if exact or abs(quotient.adjusted()) < SHOWN else str(quotient)), exact


def _short(value: Fraction) -> bool:
    return value.numerator.bit_length() + value.denominator.bit_length() < 64


CALCULATOR = Tool(
    name="builtin.calculator",
    description=(
        "Work out an arithmetic expression exactly: + - * / // % (remainder) ** and parentheses, "
        f"the functions {', '.join(FUNCTIONS)}, and the numbers {' and '.join(NAMES)}. "
        "Write decimals with a point and no thousands separators. Example: round(1249.90 * 0.19, 2)"
    ),
    parameters={
        "type": "object",
        "properties": {
            "expression": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST,
                "description": "Such as (1200 - 150) * 1.19",
            }
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
    output={
        "type": "object",
        "properties": {
            "value": {"type": "string", "description": "In decimal digits."},
            "exact": {"type": "boolean", "description": "Whether these are all of its digits."},
            "fraction": {"type": "string"},
        },
        "required": ["value", "exact"],
    },
    run=calculate,
    risk="read",
    idempotent=True,
)
