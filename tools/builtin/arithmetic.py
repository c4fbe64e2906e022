"""Arithmetic on exact fractions: a small evaluator over Python's syntax tree, with every number's size bounded."""

import ast
import math
import operator
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation, Overflow
from fractions import Fraction

from state.errors import KairosError

LONGEST = 1000
MOST_BITS = 14_000
"""Some 4,200 decimal digits: Python itself writes no more than 4,300."""
DIGITS = 50
"""Of what is no fraction: roots, logarithms and the like."""

_CONTEXT = Context(prec=DIGITS, Emax=9_999, Emin=-9_999, traps=[InvalidOperation, Overflow])
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


def evaluate(expression: str) -> Fraction:
    """The value of an expression: exact, but for roots, logarithms and pi, which have 50 digits.

    Operators + - * / // % ** and parentheses, the names of NAMES and FUNCTIONS.
    Raises KairosError calculation_invalid (not such an expression, or none with a value), calculation_too_large.
    """
    if len(expression) > LONGEST:
        raise _too_large(f"the expression is longer than {LONGEST} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        return _value(tree.body, expression.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _invalid("it is not an expression of numbers, such as (1.5 + 2) * 3") from None
    except ZeroDivisionError:
        raise _invalid("it divides by zero") from None
    except Overflow:
        raise _too_large("a number has too many digits") from None
    except InvalidOperation:
        raise _invalid("a root or logarithm in it has no value") from None


def _value(node: ast.expr, source: str) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return _number(node, source)
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, source)
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand, source)
        case ast.BinOp() if type(node.op) in _BINARY:
            return _bounded(_BINARY[type(node.op)], _value(node.left, source), _value(node.right, source))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return _call(name, [_value(argument, source) for argument in arguments])
        case _:
            raise _invalid(f"{ast.get_source_segment(source, node) or 'a part'} is not arithmetic")


def _number(node: ast.Constant, source: str) -> Fraction:
    """The number as it is written: a float would not be 0.1."""
    written = (ast.get_source_segment(source, node) or "").replace("_", "")
    if isinstance(node.value, int):
        return _checked(Fraction(node.value))
    exponent = Decimal(written).adjusted()
    if abs(exponent) * 4 > MOST_BITS:
        raise _too_large(f"{written} has too many digits")
    return _checked(Fraction(written))


def _bounded(
    operation: Callable[[Fraction, Fraction], Fraction], left: Fraction, right: Fraction
) -> Fraction:
    return _checked(operation(left, right))


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """Exact for whole exponents whose result is not too large, which is told before it is worked out."""
    if exponent.denominator == 1:
        if abs(base) not in (0, 1) and abs(exponent) * _bits(base) > 2 * MOST_BITS:
            raise _too_large("a power has too many digits")
        if base in (1, -1):
            return base if exponent % 2 else Fraction(1)
        return Fraction(base ** int(exponent))
    if base < 0:
        raise _invalid("a root of a negative number has no value here")
    return Fraction(_CONTEXT.power(_decimal(base), _decimal(exponent)))


def _call(name: str, values: list[Fraction]) -> Fraction:
    function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(values) <= most:
        raise _invalid(f"{name} does not take {len(values)} values")
    return _checked(function(*values))


def _round(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    """Halves away from zero, as in trade; Python rounds them to even."""
    if abs(digits) > 1000:
        raise _too_large("there are not so many digits")
    scale = Fraction(10) ** _whole(digits)
    whole = math.floor(abs(value) * scale + Fraction(1, 2))
    return Fraction(whole) / scale * (1 if value >= 0 else -1)


def _factorial(value: Fraction) -> Fraction:
    if not 0 <= value <= 1000:
        raise _too_large("factorials are worked out from 0 to 1000")
    return Fraction(math.factorial(_whole(value)))


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise _invalid("a whole number is needed")
    return int(value)


def _root(value: Fraction) -> Fraction:
    exact = Fraction(math.isqrt(max(value.numerator, 0)), math.isqrt(value.denominator))
    return exact if exact * exact == value else Fraction(_CONTEXT.sqrt(_decimal(value)))


def _log(value: Fraction, base: Fraction | None = None) -> Fraction:
    if value <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise _invalid("that logarithm has no value")
    natural = _CONTEXT.ln(_decimal(value))
    return Fraction(natural if base is None else _CONTEXT.divide(natural, _CONTEXT.ln(_decimal(base))))


def _log10(value: Fraction) -> Fraction:
    if value <= 0:
        raise _invalid("that logarithm has no value")
    return Fraction(_CONTEXT.log10(_decimal(value)))


def _decimal(value: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _checked(value: Fraction) -> Fraction:
    if _bits(value) > MOST_BITS:
        raise _too_large("a number has too many digits")
    return value


def _too_large(what: str) -> KairosError:
    return KairosError("calculation_too_large", f"This is too large to be worked out: {what}.")


def _invalid(what: str) -> KairosError:
    return KairosError("calculation_invalid", f"This cannot be worked out: {what}.")


_BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
NAMES = {"pi": Fraction(_PI), "e": Fraction(_CONTEXT.exp(Decimal(1)))}
FUNCTIONS: dict[str, tuple[Callable[..., Fraction], int, int]] = {
    "abs": (abs, 1, 1),
    "min": (min, 1, 100),
    "max": (max, 1, 100),
    "sum": (lambda *values: sum(values, Fraction(0)), 1, 100),
    "mean": (lambda *values: sum(values, Fraction(0)) / len(values), 1, 100),
    "round": (_round, 1, 2),
    "floor": (lambda value: Fraction(math.floor(value)), 1, 1),
    "ceil": (lambda value: Fraction(math.ceil(value)), 1, 1),
    "sqrt": (_root, 1, 1),
    "exp": (lambda value: Fraction(_CONTEXT.exp(_decimal(value))), 1, 1),
    "ln": (lambda value: _log(value), 1, 1),
    "log": (_log, 1, 2),
    "log10": (_log10, 1, 1),
    "factorial": (_factorial, 1, 1),
    "gcd": (lambda *values: Fraction(math.gcd(*map(_whole, values))), 1, 100),
    "lcm": (lambda *values: Fraction(math.lcm(*map(_whole, values))), 1, 100),
}
"""Each with the fewest and the most values that it takes."""
