"""Length, language and form of texts."""

import pytest
from pydantic import ValidationError

from tools.guard.check import About
from tools.guard.checks import format as form
from tools.guard.checks import language, length

SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}


async def test_what_is_past_the_limit() -> None:
    (hit,) = await length.find("a" * 12, length.Options(characters=10), About())
    assert (hit.rule, hit.start, hit.end) == ("characters", 10, 12)
    assert await length.find("a" * 10, length.Options(characters=10), About()) == []
    (hit,) = await length.find("word " * 100, length.Options(tokens=50), About())
    assert hit.rule == "tokens"
    assert 0 < hit.start < hit.end == 500
    assert await length.find("word " * 10, length.Options(tokens=50), About()) == []


@pytest.mark.parametrize("options", [{}, {"characters": 0}, {"tokens": -1}, {"words": 3}])
def test_a_length_must_be_limited(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        length.Options.model_validate(options)


async def codes(text: str, **options: object) -> list[str]:
    chosen = language.Options.model_validate({"allowed": ("en", "de"), **options})
    return [hit.rule for hit in await language.find(text, chosen, About())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many days of leave do I have this year?", []),
        ("Wie viele Urlaubstage habe ich dieses Jahr?", []),
        ("Combien de jours de congé me reste-t-il cette année ?", ["fr"]),
        ("¿Cuántos días de vacaciones tengo este año?", ["es"]),
        ("年次休暇は何日ありますか、教えてください", ["ja"]),
        ("Сколько дней отпуска у меня осталось?", ["ru"]),
        ("ok", []),
        ("VPN error 809", []),
        ("SELECT * FROM users WHERE id = 1", []),
        ("Max Mustermann, Rue de Rivoli 12, Paris", []),
        ("", []),
        ("12 34 56 78 90 12 34 56 78 90", []),
    ],
)
async def test_a_language_that_is_not_allowed_is_told(text: str, expected: list[str]) -> None:
    assert await codes(text) == expected


async def test_what_is_undecided_may_be_refused() -> None:
    assert await codes("VPN error 809", allow_undecided=False) == ["undecided"]
    assert await codes("  ", allow_undecided=False) == []


async def test_each_stretch_is_looked_at() -> None:
    english = "The library opens at nine and closes at six on every day of the week. " * 20
    french = "La bibliothèque ouvre à neuf heures et ferme à dix-huit heures tous les jours. " * 20
    hits = await language.find(english + french, language.Options(allowed=("en",)), About())
    assert {hit.rule for hit in hits} == {"fr"}
    assert hits[0].start >= len(english) - language.WINDOW
    assert hits[-1].end == len(english + french)


async def test_look_alikes_do_not_change_the_language() -> None:
    assert await codes("Нow mаny dаys оf lеаve dо I hаve this yеаr?") == []


async def rules(text: str, **options: object) -> list[str]:
    return [hit.rule for hit in await form.find(text, form.Options.model_validate(options), About())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"days": 3}', []),
        (' [1, "a", null] ', []),
        ("NaN", ["json"]),
        ("```json\n{}\n```", ["json"]),
        ('{"a": 1} and more', ["json"]),
        ("", ["json"]),
        ("[" * 200_000, ["json"]),
    ],
)
async def test_an_answer_that_must_be_json(text: str, expected: list[str]) -> None:
    assert await rules(text, json_only=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [('{"days": 3}', []), ('{"days": "3"}', ["schema"]), ("{}", ["schema"]), ("x", ["json"])],
)
async def test_an_answer_that_must_be_valid(text: str, expected: list[str]) -> None:
    assert await rules(text, json_schema=SCHEMA) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"patternProperties": {"(a+)+$": {}}},
        {"anyOf": [{"$ref": "file:///etc/passwd"}]},
        {"$ref": "#"},
    ],
)
def test_a_schema_that_is_none_or_not_safe_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        form.Options(json_schema=schema)


def test_a_property_may_be_called_pattern() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "string"}}, "required": ["pattern"]}
    assert form.Options(json_schema=schema).json_schema == schema


@pytest.mark.parametrize(
    "text",
    [
        "# Title",
        "Some **bold** words",
        "- an item",
        "* an item",
        "`code`",
        "```\ncode\n```",
        "[a](b)",
        "![a](b)",
        "> quoted",
        "| a | b |",
        "an *important* word",
        "a\n---\nb",
    ],
)
async def test_markdown_is_found(text: str) -> None:
    assert await rules(f"Well.\n{text}", markdown=False) == ["markdown"]
    assert await rules(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Plain text.",
        "1. First\n2. Second",
        "2 * 3 * 4 = 24",
        "snake_case __init__x",
        "a - b, #1, C#",
        "5 > 3 | 2",
        "f(x)[0]",
    ],
)
async def test_plain_text_is_none(text: str) -> None:
    assert await rules(text, markdown=False) == []


async def test_an_answer_may_be_too_long() -> None:
    assert await rules("a" * 11, max_characters=10) == ["characters"]
    assert await rules("a" * 10, max_characters=10) == []
    assert form.CHECK.whole
