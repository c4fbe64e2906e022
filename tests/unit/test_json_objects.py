"""JSON objects in what models write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.models.json_objects import LONGEST, MOST, json_objects

GOOD = [
    ('{"a": 1}', [{"a": 1}]),
    (' \n{"a": 1}\n ', [{"a": 1}]),
    ('```json\n{"a": 1}\n```', [{"a": 1}]),
    ('```\n{"a": {"b": []}}\n```', [{"a": {"b": []}}]),
    ('Sure! Here it is:\n```json\n{"a": 1}\n```\nAsk me for more.', [{"a": 1}]),
    ('The answer is {"a": 1}.', [{"a": 1}]),
    ('{"a": [1, 2,], "b": {"c": 3,},}', [{"a": [1, 2], "b": {"c": 3}}]),
    ('{"a": ",}", "b": ",]\\",}",}', [{"a": ",}", "b": ',]",}'}]),
    ('5" pipes: {"a": ",}"}', [{"a": ",}"}]),
    ('<think>Perhaps {"a": 0}?</think>\n{"a": 1}', [{"a": 1}]),
    ('Perhaps {"a": 0}?</think>{"a": 1}', [{"a": 1}]),
    ('{"a": "</think>"}', [{"a": "</think>"}]),
    ('For example {"a": 1}, so {"a": 2}', [{"a": 1}, {"a": 2}]),
    ('{"a": "}{"}', [{"a": "}{"}]),
    ('{"a": 1e5, "b": -0.5}', [{"a": 1e5, "b": -0.5}]),
    ('{"ä": "\\u00fc"}', [{"ä": "ü"}]),
]
BAD = [
    ("", "is empty"),
    ("<think>well</think>", "is empty"),
    ("I cannot help with that.", "holds no JSON object"),
    ("3", "holds no JSON object"),
    ("null", "holds no JSON object"),
    ('[{"a": 1}]', "is not a JSON object"),
    ('```json\n[{"a": 1}]\n```', "is not a JSON object"),
    ('"{\\"a\\": 1}"', "is not a JSON object"),
    ('{"a": 1', "broken or cut off"),
    ('{"a": {"b": 1}, "c": ', "broken or cut off"),
    ('Here: {"list": [{"a": 1}, {"a": 2}', "broken or cut off"),
    ('{"a": 1} {"a": ', "broken or cut off"),
    ('{a: {"b": 1}}', "broken or cut off"),
    ("{'a': 1}", "broken or cut off"),
    ('{"a": NaN}', "NaN is no JSON"),
    ('{"a": -Infinity}', "-Infinity is no JSON"),
    ('{"a": 1e999}', "is too large"),
    ('{"a": ' + "9" * 5000 + "}", "digits"),
    ('{"a":' * 50_000, "nested too deeply"),
    ("{}" * (MOST + 1), "more than 10 JSON objects"),
    ("x" * (LONGEST + 1), "longer than 1,000,000 characters"),
    ("{" * LONGEST, "broken or cut off"),
    ('{"' + '\\"' * 400_000, "broken or cut off"),  # quadratic, this would take hours
    ('{"' + '\\"' * 400_000 + "\\", "broken or cut off"),
    ('{"a": ' + ", " * 400_000, "broken or cut off"),
]


@pytest.mark.parametrize(("text", "objects"), GOOD)
def test_objects(text: str, objects: list[object]) -> None:
    assert [json.loads(one) for one in json_objects(text)] == objects


@pytest.mark.parametrize(("text", "says"), BAD, ids=range(len(BAD)))
def test_nothing_is_taken_from_what_is_broken(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        json_objects(text)


@given(st.text('{}[]",:\\ a1\n'))
def test_whatever_is_written_gives_objects_or_a_reason(text: str) -> None:
    try:
        objects = json_objects(text)
    except ValueError:
        return
    assert objects
    assert all(isinstance(json.loads(one), dict) for one in objects)
