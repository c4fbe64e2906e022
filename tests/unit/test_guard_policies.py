"""Guard policies as files: what may stand in them, whom they are for, and how a change comes into force."""

import asyncio
import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from state.errors import KairosError
from state.settings import settings
from tools import watched
from tools.guard.check import About, Hit
from tools.guard.checks import checks
from tools.guard.checks.personal_data import Options
from tools.guard.policy import watch
from tools.guard.policy.choosing import policy_for
from tools.guard.policy.reading import Policies, read, read_policy
from tools.guard.policy.rules import Policy, Rule
from tools.guard.policy.watch import DEFAULT_FOLDER, policies
from tools.guard.sample import try_policies

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "guards.example.yaml"
RULES = "rules:\n  - check: secrets\n    on: [input]\n    action: redact\n"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    settings.cache_clear()
    policies.cache_clear()
    yield
    settings.cache_clear()
    policies.cache_clear()


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched, "time", clock)
    return clock


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "default.yaml").write_text(f"name: default\n{RULES}")
    monkeypatch.setenv("KAIROS_GUARDS", str(tmp_path))
    return tmp_path


def test_the_policies_of_the_repository_are_right_and_say_everything() -> None:
    found = read(DEFAULT_FOLDER)
    default = found.by_scope[None, None]
    assert default.name == "default"
    assert {direction for rule in default.rules for direction in rule.on} == {
        "input",
        "passage",
        "tool",
        "output",
    }
    written = yaml.safe_load((DEFAULT_FOLDER / "default.yaml").read_text())["rules"]
    for rule in written:
        assert rule["code"]
        assert rule["sentence"].endswith((".", "?"))


def test_the_example_holds_every_key_and_action_and_is_right() -> None:
    policy = read_policy(EXAMPLE)
    text = EXAMPLE.read_text()
    keys = (*(Policy.model_fields.keys() - {"hash"}), *Rule.model_fields, *Options.model_fields)
    assert not [key for key in keys if not re.search(rf"\b{key}:", text)]
    assert {rule.action for rule in policy.rules} == {"allow", "redact", "flag", "ask", "refuse"}
    assert policy.rules[3].sentence == checks()["attack"].sentence


def test_the_policy_in_the_guide_is_right(tmp_path: Path) -> None:
    guide = EXAMPLE.with_name("guards.md").read_text()
    (written,) = re.findall(r"```yaml\n(.*?)```", guide, re.S)
    (tmp_path / "bank.yaml").write_text(written)
    assert read_policy(tmp_path / "bank.yaml").tenants == ("bank",)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(f"name: a\n{RULES}".replace("\n", "\r\n").encode())
    assert read_policy(path).hash == hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("name: bank ", "name: sk pasted ", "name: sk", "name: String should match"),
        ("name: bank ", "nme: sk-pasted ", "nme: sk", "name: Field required"),
        ("explain: true ", "explain: true\nhash: sk-pasted ", "hash:", "hash: it is worked out"),
        ("explain: true ", "explain: sk-pasted ", "explain:", "explain: Input should be a valid boolean"),
        ("bank-test]", "42]", "tenants:", "tenants.1: Input should be a valid string"),
        ("bank-test]", "'']", "tenants:", "tenants.1: String should have at least 1"),
        ("bank-test]", "bank]", "tenants:", "tenants: one of them is named twice"),
        ("[bank, bank-test]", "bank", "tenants:", "tenants: Input should be a valid tuple"),
        (
            "check: attack",
            "check: sk-pasted",
            "check: sk",
            "rules.3.check: there is no such check; there are: ",
        ),
        ("check: attack", "chek: sk-pasted", "chek: sk", "rules.3.check: Field required"),
        ("[IBAN]", "[IBAN, sk-pasted]", "types: [IBAN, sk", "rules.0.options.types.1: Input should be"),
        ("unless_given: false", "unles: sk-pasted", "unles:", "rules.1.options.unles: Extra inputs"),
        (
            "action: flag",
            "action: sk-pasted",
            "action: sk",
            "rules.7.action: Input should be 'allow', 'redact'",
        ),
        (
            "    action: flag\n",
            "",
            "- check: personal_data\n    on: [output]",
            "rules.7.action: Field required",
        ),
        ("on: [output]", "on: []", "on: []", "rules.7.on: Tuple should have at least 1 item"),
        ("on: [output]", "on: [ouput]", "on: [ouput]", "rules.7.on.0: Input should be 'input'"),
        (
            "check: harmful\n    on: [input]",
            "check: harmful\n    on: [tool]",
            "on: [tool]",
            "rules.4.on: this check",
        ),
        (
            "on: [input]\n    action: ask",
            "on: [input, tool]\n    action: ask",
            "action: ask",
            "rules.2.action: 'ask'",
        ),
        ("code: personal_data ", "code: sk-Pasted ", "code: sk", "rules.1.code: String should match"),
        (
            "dry_run: true ",
            "dry_run: true\n    dry_run: 1 ",
            "dry_run: 1",
            "rules.4.dry_run: this key is written",
        ),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, at: str, says: str
) -> None:
    path = tmp_path / "bank.yaml"
    text = EXAMPLE.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text)
    with pytest.raises(KairosError) as told:
        read(tmp_path)
    line = text[: text.index(at)].count("\n") + 1
    assert told.value.code == "guards_invalid"
    assert told.value.sentence.startswith(f"{path}, line {line}, {says}")
    assert "asted" not in told.value.sentence


@pytest.mark.parametrize("text", ["", "rules:\n", "name: a\nrules: []\n", "name: a\n", "just words"])
def test_a_file_without_rules_is_a_mistake(folder: Path, text: str) -> None:
    (folder / "other.yaml").write_text(text)
    with pytest.raises(KairosError, match=r"other\.yaml, line \d"):
        read(folder)


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ("name: a\ntenants: [x]\n", "name: a\n", "line 1, name: another policy has this name"),
        ("name: a\n", "name: b\n", "line 1, name: the policy 'a' is for the same"),
        (
            "name: a\ntenants: [x]\n",
            "name: b\ntenants:\n  - y\n  - x\n",
            "line 4, tenants.1: the policy 'a' is",
        ),
        (
            "name: a\ncollections: [x]\n",
            "name: b\ncollections: [x]\n",
            "line 2, collections.0: the policy 'a' is",
        ),
        (
            "name: a\ntenants: [x, y]\ncollections: [c, d]\n",
            "name: b\ntenants: [z, y]\ncollections: [e,\n  d]\n",
            "line 4, collections.1: the policy 'a' is for the same",
        ),
    ],
)
def test_two_policies_cannot_be_for_the_same(tmp_path: Path, first: str, second: str, where: str) -> None:
    (tmp_path / "1.yaml").write_text(first + RULES)
    (tmp_path / "2.yml").write_text(second + RULES)
    with pytest.raises(KairosError) as told:
        read(tmp_path)
    assert told.value.sentence.startswith(f"{tmp_path / '2.yml'}, {where}")


def test_without_a_default_policy_or_a_folder_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / ".hidden.yaml").write_text(f"name: default\n{RULES}")
    (tmp_path / "a.yaml").write_text(f"name: a\ntenants: [x]\n{RULES}")
    with pytest.raises(KairosError, match="there is no default policy"):
        read(tmp_path)
    with pytest.raises(KairosError, match="cannot be read: No such file or directory"):
        read(tmp_path / "none")


names = st.sampled_from(["x", "y", "z"])
scopes = st.sets(st.tuples(st.none() | names, st.none() | names))


@given(scopes, names, st.none() | names)
def test_the_narrowest_policy_is_chosen(
    given: set[tuple[str | None, str | None]], tenant: str, c: str | None
) -> None:
    rule = Rule.model_validate({"check": "secrets", "on": ["input"], "action": "flag"})
    by_scope = {scope: Policy(name=f"p{n}", rules=(rule,)) for n, scope in enumerate({*given, (None, None)})}
    chosen = Policies(Path(), (), by_scope).of(tenant, c)
    fitting = [(t, k) for t, k in by_scope if t in (None, tenant) and k in (None, c)]
    best = max(fitting, key=lambda scope: (scope[1] is not None, scope[0] is not None))
    assert chosen is by_scope[best]


async def test_who_has_no_policy_of_their_own_has_the_default(folder: Path) -> None:
    more = {
        "t": "tenants: [bank]\n",
        "c": "collections: [hr]\n",
        "tc": "tenants: [bank]\ncollections: [hr]\n",
    }
    for name, whom in more.items():
        await asyncio.to_thread((folder / f"{name}.yaml").write_text, f"name: {name}\n{whom}{RULES}")
    asked = [
        ("bank", "hr"),
        ("other", "hr"),
        ("bank", "it"),
        ("bank", None),
        ("other", "it"),
        ("other", None),
    ]
    chosen = [(await policy_for(tenant, collection)).name for tenant, collection in asked]
    assert chosen == ["tc", "c", "t", "t", "default", "default"]


async def test_nothing_is_read_on_the_event_loop(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[int] = []

    def noting(path: Path) -> Policies:
        readers.append(threading.get_ident())
        return read(path)

    monkeypatch.setattr(watch, "read", noting)
    assert (await policy_for("bank")).name == "default"
    text = f"name: renamed\n{RULES}"
    await asyncio.to_thread((folder / "default.yaml").write_text, text)
    clock.now += 60
    for _ in range(1_000):
        if (await policy_for("bank")).name == "renamed":
            break
        await asyncio.sleep(0.01)
    assert (await policy_for("bank")).name == "renamed"
    assert len(readers) >= 2
    assert threading.get_ident() not in readers


def test_a_mistake_leaves_the_last_good_ones_in_force(
    folder: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    before = policies().of("bank").hash
    extra = folder / "bank.yaml"
    extra.write_text(f"name: bank\ntenants: [bank]\n{RULES}".replace("redact", "sk-pasted"))
    with caplog.at_level(logging.WARNING, logger="tools.watched"):
        for _ in range(3):
            clock.now += 60
            assert policies().of("bank").hash == before
    (record,) = caplog.records
    assert f"{extra}, line 6, rules.0.action" in record.getMessage()
    assert policies().problem is not None
    assert "sk-pasted" not in caplog.text
    extra.write_text(f"name: bank\ntenants: [bank]\n{RULES}")
    clock.now += 60
    assert (policies().of("bank").name, policies().problem) == ("bank", None)
    extra.unlink()
    clock.now += 60
    assert policies().of("bank").name == "default"


def test_the_first_ones_must_be_right(folder: Path) -> None:
    (folder / "default.yaml").write_text("rules: 7\n")
    for _ in range(2):
        with pytest.raises(KairosError, match="line 1"):
            policies()


async def test_the_doctor_tries_every_policy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [policy.name for policy in await try_policies()] == ["default"]

    async def fail(text: str, options: object, about: About) -> list[Hit]:
        raise KairosError("weights_damaged", "Something is damaged.")

    monkeypatch.setitem(checks(), "secrets", replace(checks()["secrets"], find=fail))
    with pytest.raises(KairosError) as told:
        await try_policies()
    assert told.value.code == "check_failed"
    assert "check secrets of the policy default could not decide (weights_damaged)" in told.value.sentence
