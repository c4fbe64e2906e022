"""The calculator: exact, bounded, and no way to run anything."""

import time
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.errors import KairosError
from state.identity import Identity
from tools.builtin.arithmetic import LONGEST, evaluate
from tools.builtin.calculator import CALCULATOR, written

US = Identity("default", "ada")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1/8", "0.125"),
        ("1/3", "about 0.3333333333333333333333333333 (1/3)"),
        ("2**100", "1267650600228229401496703205376"),
        ("1249.90 * 0.19", "237.481"),
        ("round(2.5)", "3"),
        ("round(-2.345, 2)", "-2.35"),
        ("round(1234, -2)", "1200"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("2 ** -3", "0.125"),
        ("sqrt(16/9)", "about 1.333333333333333333333333333 (4/3)"),
        ("sqrt(2)", "about 1.414213562373095048801688724"),
        ("log(8, 2)", "3"),
        ("pi", "about 3.141592653589793238462643383"),
        ("lcm(4, 6) + gcd(12, 18)", "18"),
        ("factorial(20)", "2432902008176640000"),
        ("mean(1, 2, 4) * 3", "7"),
        ("1e3 + 1_000", "2000"),
        (" max(1, min(5, 3)) ", "3"),
    ],
)
async def test_it_works_things_out(expression: str, shown: str) -> None:
    assert (await CALCULATOR.call({"expression": expression}, US)).text == shown


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "__import__('os')",
            "(1).__class__",
            "[1]",
            "x",
            "lambda: 1",
            "1 if 1 else 2",
            "'a' * 3",
            "True + 1",
            "1j",
        ),
        *(
            "1; 2",
            "a := 1",
            "1 < 2",
            "min()",
            "sqrt(1, 2)",
            "sqrt(-1)",
            "ln(0)",
            "1/0",
            "0 ** -1",
            "(-8) ** (1/3)",
        ),
        *(
            "abs(*[1])",
            "round(1, digits=2)",
            "factorial(2.5)",
            "gcd(1.5, 2)",
            "1 +",
            "",
            "min.x",
            "log(2, 1)",
            "~1",
        ),
        *("f'{1}'", "print(1)", "5 @ 2", "1 | 2", "1 and 2", "{1}", "1 << 2", "...", "None"),
    ],
)
def test_what_is_no_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(KairosError) as refused:
        evaluate(expression)
    assert refused.value.code == "calculation_invalid"


@pytest.mark.parametrize(
    "expression",
    [
        *("10 ** 10 ** 8", "9 ** 9 ** 9", "2 ** -10 ** 9", "1e99999999", "1e-99999999", "factorial(100000)"),
        *(
            "exp(10 ** 6)",
            "(2 ** 9000) * (2 ** 9000)",
            "1" * 5000,
            "(" * 900 + "1" + ")" * 900,
        ),
        *(
            "0.5 ** 20000",
            "round(1, 10 ** 9)",
            "(10 ** 4000) ** 0.5 ** 0.1 ** 99999999",
            "factorial(factorial(10))",
        ),
    ],
)
def test_what_is_too_large_is_refused_at_once(expression: str) -> None:
    started = time.process_time()
    with pytest.raises(KairosError):
        evaluate(expression)
    assert time.process_time() - started < 2


@given(st.text("0123456789.+-*/()%e ,sqrtlogpi", max_size=60))
def test_any_text_gives_a_number_or_a_sentence(text: str) -> None:
    with suppress(KairosError):
        value = evaluate(text)
        assert isinstance(value, Fraction)
        written(value)


numbers = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000)


@given(numbers, numbers, st.sampled_from("+-*"))
def test_it_agrees_with_fractions(left: Fraction, right: Fraction, operator: str) -> None:
    expected = {"+": left + right, "-": left - right, "*": left * right}[operator]
    assert evaluate(f"({left}) {operator} ({right})") == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_decimals_are_exact(value: object) -> None:
    shown, exact = written(evaluate(f"{value:f}"))
    assert exact
    assert Fraction(shown) == Fraction(str(value))


def test_the_longest_expression_is_worked_out() -> None:
    assert evaluate("1+" * (LONGEST // 2 - 1) + "1") == LONGEST // 2
    with pytest.raises(KairosError):
        evaluate("1+" * (LONGEST // 2) + "1")
