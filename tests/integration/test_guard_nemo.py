"""Rails of NeMo Guardrails as a check: topics, patterns, what may not be in a folder, and models by the door."""

import asyncio
import gc
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from state.guard import Direction
from state.identity import Identity
from tests.fixtures.gateway import deployment
from tests.fixtures.model_server import ModelServer, Reply
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.checks.nemo import Options, find
from tools.guard.outcome import Outcome
from tools.guard.policy.rules import Policy, Rule
from tools.models.catalog import catalog
from tools.models.opened import close_door

pytest.importorskip("nemoguardrails", reason="the extra nemo is not installed")

# Of NeMo's own code: it reads settings that it has deprecated itself.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:nemoguardrails", "ignore::DeprecationWarning:lark"
)
ANSWER = "No"
EXAMPLE = Path(__file__).parents[2] / "docs" / "nemo" / "medicine"
ASKED = """
rails:
  input: {flows: [self check input]}
prompts:
  - {task: self_check_input, content: 'Should this be blocked? "{{ user_input }}" Answer Yes or No.'}
"""
SECOND = """
import core
import guardrails

flow input rails $input_text
  $found = search("(?i)headache|rash", $input_text)
  if $found
    bot say "Please ask a doctor."
    abort

flow main
  user said something
  bot say "pass"
"""


def folder(at: Path, config: str = 'colang_version: "1.0"', **files: str) -> Path:
    for name, text in {"config.yml": config, **files}.items():
        (at / name).write_text(text)
    return at


def rule(at: Path, *on: Direction, rails: str = "input") -> Rule:
    given = {"check": "nemo", "on": on, "action": "refuse", "options": {"folder": at, "rails": rails}}
    return Rule.model_validate(given)


async def applied(at: Path, text: str, direction: Direction = "input", **about: object) -> Outcome:
    rails = "output" if direction == "output" else "input"
    policy = Policy(name="rails", rules=(rule(at, direction, rails=rails),))
    return await apply(policy, direction, text, About(**about))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I have left?",
        "Who approves my flight to Oslo?",
        "pass",
        "",
        "\u200b",
        "a b " * 5_000,
    ],
)
async def test_what_no_rail_stops_passes(text: str) -> None:
    outcome = await applied(EXAMPLE, text)
    assert outcome.verdicts == ()


@pytest.mark.parametrize(
    ("text", "rail"),
    [
        ("What should I take against a headache?", "medical advice"),
        ("is the rash on my leg something serious", "medical advice"),
        ("Tell me about Project Nightjar", "regex check input"),
    ],
)
async def test_a_rail_that_stops_a_text_is_named(text: str, rail: str) -> None:
    outcome = await applied(EXAMPLE, text)
    assert outcome.refusal is not None
    assert (outcome.refusal["rule"], outcome.refusal["start"], outcome.refusal["end"]) == (rail, 0, len(text))


async def test_output_rails_look_at_answers() -> None:
    assert (await applied(EXAMPLE, "Twelve days.", "output", question="How many days?")).verdicts == ()
    refused = (await applied(EXAMPLE, "It is project Nightjar.", "output", question="What is it?")).refusal
    assert refused is not None
    assert refused["rule"] == "regex check output"


async def test_texts_that_are_checked_at_once_do_not_meet() -> None:
    asked = ["What helps against a headache?", "Who approves my travel expenses?"] * 8
    found = await asyncio.gather(*(applied(EXAMPLE, text) for text in asked))
    assert [len(one.verdicts) for one in found] == [1, 0] * 8


async def test_no_text_is_kept() -> None:
    secret = "swordfish-4711"
    await applied(EXAMPLE, f"Where do I hand in {secret}?")
    options = Options(folder=EXAMPLE)
    assert options.loaded().events_history_cache == {}
    gc.collect()
    kept = [
        one
        for one in gc.get_objects()
        if type(one) is dict and secret in map(str, filter(_is_text, one.values()))
    ]
    assert kept == []


def _is_text(value: object) -> bool:
    return type(value) is str


async def test_a_rail_that_fails_refuses(tmp_path: Path) -> None:
    unknown = "  config: {injection_detection: {injections: [nonesuch], action: reject}}\n"
    at = folder(tmp_path, f"rails:\n{unknown}  output: {{flows: [injection detection]}}\n")
    assert (await applied(at, "Twelve days.", "output")).refusal is not None


async def test_flows_that_say_nothing_refuse(tmp_path: Path) -> None:
    flows = "define user ask\n  'anything'\n\ndefine flow ask\n  user ask\n  $known = True\n".replace(
        "'", '"'
    )
    at = folder(tmp_path, EXAMPLE.joinpath("config.yml").read_text(), **{"flows.co": flows})
    assert (await applied(at, "anything")).refusal is not None


async def test_colang_2_passes_only_what_is_answered_with_pass(tmp_path: Path) -> None:
    at = folder(tmp_path, 'colang_version: "2.x"', **{"main.co": SECOND})
    assert (await applied(at, "How many days of leave?")).verdicts == ()
    refused = (await applied(at, "What is this rash?")).refusal
    assert refused is not None
    assert refused["rule"] == "rails"


async def test_an_edited_folder_is_read_again(tmp_path: Path) -> None:
    pattern = 'colang_version: "1.0"\nrails:\n  config: {regex_detection: {input: {patterns: [WORD]}}}\n'
    given = pattern + "  input: {flows: [regex check input]}\n"
    at = folder(tmp_path, given.replace("WORD", "nightjar"))
    assert (await applied(at, "nightjar")).refusal is not None
    folder(tmp_path, given.replace("WORD", "heron"))
    assert (await applied(at, "nightjar")).refusal is None


@pytest.mark.parametrize(
    ("config", "files", "said"),
    [
        (None, {}, "there is no config.yml"),
        ("rails: [", {}, "NeMo cannot read"),
        ("rails: {input: {flows: [no such flow]}}", {}, "no such flow"),
        ("models: [{type: main, engine: openai, model: gpt}]", {}, "leave out 'models'"),
        ("tracing: {enabled: true}", {}, "leave out 'tracing'"),
        ("actions_server_url: http://127.0.0.1:1", {}, "leave out 'actions_server_url'"),
        ("{}", {"config.py": "raise SystemExit"}, "may hold no Python"),
        ("{}", {"actions.py": "raise SystemExit"}, "may hold no Python"),
    ],
)
def test_a_folder_with_a_mistake_is_refused(
    tmp_path: Path, config: str | None, files: dict[str, str], said: str
) -> None:
    if config is not None:
        folder(tmp_path, f"{config}", **files)
    with pytest.raises(ValidationError, match=said):
        rule(tmp_path, "input")


def test_output_rails_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no output rails"):
        rule(folder(tmp_path), "output", rails="output")


def test_without_the_package_the_policy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nemoguardrails", None)
    with pytest.raises(ValidationError, match=r"pip install '\.\[nemo\]'"):
        rule(EXAMPLE, "input")


async def test_rails_ask_the_models_behind_the_door(
    tmp_path: Path, pool: object, us: Identity, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from state.settings import settings

    models = tmp_path / "models.yaml"
    models.write_text(f"models: [{deployment('guard', first, roles=['judge'])}]")
    monkeypatch.setenv("KAIROS_MODELS", str(models))
    settings.cache_clear()
    catalog.cache_clear()
    rails = tmp_path / "rails"
    rails.mkdir()
    at = folder(rails, 'colang_version: "1.0"' + ASKED)
    try:
        assert (await applied(at, "How many days of leave?", identity=us)).verdicts == ()
        assert "How many days of leave?" in str(first.calls[-1].body["messages"])
        first.script(Reply("Yes"))
        stopped = (await applied(at, "Tell me a lie.", identity=us)).refusal
        assert stopped is not None
        assert stopped["rule"] == "self check input"
        first.script(Reply("no", status=500))
        assert (await applied(at, "How many days?", identity=us)).refusal is not None
        assert (await applied(at, "How many days?")).refusal is not None  # nobody to pay for it
    finally:
        await close_door()
        monkeypatch.undo()
        settings.cache_clear()
        catalog.cache_clear()


async def test_without_a_model_a_rail_that_asks_one_refuses(tmp_path: Path, us: Identity) -> None:
    at = folder(tmp_path, 'colang_version: "1.0"' + ASKED)
    assert (await applied(at, "How many days of leave?", identity=us)).refusal is not None


async def test_nothing_is_found_in_what_is_empty() -> None:
    assert await find("", Options(folder=EXAMPLE), About()) == []
