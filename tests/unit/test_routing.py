"""Routing: who is tried for a request, in which order, and why; held by examples and by properties."""

from dataclasses import replace
from math import sqrt
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.models.entry import Entry
from tools.models.facts import Facts, Live
from tools.models.policy import Policy
from tools.models.ranking import FAILING, dollars
from tools.models.refusal import refusal
from tools.models.routing import route

NAMES = tuple("abcdef")
NEEDS = ("tools", "vision", "json_schema")
FACTS = Facts("x", "gateway", "acme", ("staff",), frozenset(), 1_000, 500, "run-1")


def entry(name: str, **more: Any) -> Entry:
    fields = {
        "provider": "openai_compatible",
        "model": "m",
        "base_url": "http://127.0.0.1:9/v1",
        "serves": ["x"],
    }
    return Entry.model_validate({"name": name, **fields, **more})


def names(facts: Facts, entries: list[Entry], policy: Policy | None = None, **live: Live) -> list[str]:
    return [one.entry.name for one in route(facts, entries, live, policy or Policy()).candidates]


def why(name: str, facts: Facts, entries: list[Entry], policy: Policy | None = None, **live: Live) -> str:
    return dict(route(facts, entries, live, policy or Policy()).excluded)[name]


def policy(**fields: Any) -> Policy:
    return Policy.model_validate(fields)


# What routing may meet, small enough that its cases collide.
prices = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0, 5.0]))


@st.composite
def catalogs(draw: st.DrawFn) -> list[Entry]:
    return [
        entry(
            name,
            serves=draw(st.sampled_from([["x", "y"], ["x"], []])),
            roles=draw(st.sampled_from([["answer", "rewrite"], ["answer"], ["rewrite"], []])),
            capabilities=draw(st.sets(st.sampled_from(NEEDS))),
            input_price=draw(prices),
            output_price=draw(prices),
            context=draw(st.sampled_from([None, 1_000, 10_000])),
            max_output=draw(st.sampled_from([None, 100])),
            limits={"concurrent": draw(st.sampled_from([None, 1, 3]))},
            region=draw(st.sampled_from([None, "eu", "us"])),
            retention=draw(st.sampled_from([None, "none"])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    ]


lives = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(
        Live,
        st.one_of(st.none(), st.floats(0, 5)),
        st.floats(0, 1),
        st.booleans(),
        st.integers(0, 4),
    ),
)
shares: st.SearchStrategy[dict[str, Any] | None] = st.one_of(
    st.none(), st.builds(dict, model=st.sampled_from(NAMES), share=st.sampled_from([0.01, 0.5, 1.0]))
)
rules: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    tenant=st.sampled_from([None, "acme", "other"]),
    group=st.sampled_from([None, "staff"]),
    allow=st.one_of(st.none(), st.lists(st.sampled_from(NAMES), min_size=1)),
    deny=st.lists(st.sampled_from(NAMES), max_size=2),
    regions=st.sampled_from([None, ["eu"]]),
    retention=st.sampled_from([None, ["none"]]),
    canary=shares,
    shadow=shares,
)
chains = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)).map(
    lambda given: {name: [other for other in others if other != name] for name, others in given.items()}
)
policies = st.builds(
    policy,
    order=st.sampled_from(["preference", "cost", "latency"]),
    fallbacks=chains,
    rules=st.lists(rules, max_size=3),
)
requests = st.builds(
    Facts,
    asked=st.sampled_from([None, "x", "y", "a", "b", "unknown"]),
    role=st.sampled_from(["gateway", "answer", "rewrite"]),
    tenant=st.sampled_from(["acme", "small"]),
    groups=st.sampled_from([(), ("staff",)]),
    needs=st.frozensets(st.sampled_from(NEEDS), max_size=2),
    input_tokens=st.sampled_from([10, 900, 5_000]),
    max_output=st.sampled_from([50, 500]),
    share_key=st.text(max_size=5),
)
unusable = st.dictionaries(st.sampled_from(NAMES), st.just("the variable KEY is not set"), max_size=2)
everything = given(requests, catalogs(), lives, policies, unusable)


@everything
def test_every_entry_is_a_candidate_or_excluded_with_a_reason(
    facts: Facts, entries: list[Entry], live: dict[str, Live], rule: Policy, unavailable: dict[str, str]
) -> None:
    decision = route(facts, entries, live, rule, unavailable)
    candidates = [one.entry.name for one in decision.candidates]
    excluded = [name for name, _ in decision.excluded]
    assert sorted([*candidates, *excluded]) == sorted(one.name for one in entries)
    assert all(one.reason for one in decision.candidates)
    assert all(reason for _, reason in decision.excluded)
    assert decision == route(facts, entries, live, rule, unavailable)


@everything
def test_no_candidate_is_unable_or_forbidden(
    facts: Facts, entries: list[Entry], live: dict[str, Live], rule: Policy, unavailable: dict[str, str]
) -> None:
    decision = route(facts, entries, live, rule, unavailable)
    taken = [one.entry for one in decision.candidates] + ([decision.shadow] if decision.shadow else [])
    held = rule.rules_for(facts.tenant, facts.groups)
    for one in taken:
        seen = live.get(one.name, Live())
        assert one.name not in unavailable
        assert facts.needs <= one.capabilities
        assert not seen.is_open
        assert one.limits.concurrent is None or seen.in_flight < one.limits.concurrent
        written = min(facts.max_output, one.max_output or facts.max_output)
        assert one.context is None or facts.input_tokens + written <= one.context
        for each in held:
            assert one.name not in each.deny
            assert each.allow is None or one.name in each.allow
            assert each.regions is None or one.region in each.regions
            assert each.retention is None or one.retention in each.retention


@everything
def test_only_a_fallback_serves_what_it_was_not_meant_for_and_stands_behind_its_origin(
    facts: Facts, entries: list[Entry], live: dict[str, Live], rule: Policy, unavailable: dict[str, str]
) -> None:
    decision = route(facts, entries, live, rule, unavailable)
    order = [one.entry.name for one in decision.candidates]
    for place, one in enumerate(decision.candidates):
        assert facts.role == "gateway" or facts.role in one.entry.roles
        if "fallback of" not in one.reason:
            assert facts.asked in (None, one.entry.name, *one.entry.serves)
            continue
        origin = one.reason.removeprefix("it is a fallback of ").partition(",")[0]
        assert one.entry.name in rule.fallbacks[origin]
        assert origin not in order[place:]


@everything
def test_health_and_order_hold_among_those_that_were_meant(
    facts: Facts, entries: list[Entry], live: dict[str, Live], rule: Policy, unavailable: dict[str, str]
) -> None:
    decision = route(facts, entries, live, rule, unavailable)
    plain = [
        one.entry
        for one in decision.candidates
        if "canary" not in one.reason and "fallback of" not in one.reason
    ]
    failing = [live.get(one.name, Live()).error_rate > FAILING for one in plain]
    assert failing == sorted(failing)
    for well in (False, True):
        same = [one for one, bad in zip(plain, failing, strict=True) if bad is well]
        costs = [dollars(facts, one) for one in same]
        if rule.order == "cost":
            known = [cost for cost in costs if cost is not None]
            assert costs == [*sorted(known), *[None] * (len(costs) - len(known))]
        if rule.order == "latency":
            times = [live.get(one.name, Live()).first_token_s for one in same]
            assert times == sorted(times, key=lambda seen: (seen is not None, seen or 0))


@given(requests, catalogs(), lives, policies, unusable, st.randoms(use_true_random=False))
def test_the_order_of_the_catalog_changes_neither_who_serves_nor_why_not(
    facts: Facts,
    entries: list[Entry],
    live: dict[str, Live],
    rule: Policy,
    unavailable: dict[str, str],
    random: Random,
) -> None:
    shuffled = random.sample(entries, len(entries))
    one, other = (route(facts, given, live, rule, unavailable) for given in (entries, shuffled))
    assert {c.entry.name for c in one.candidates} == {c.entry.name for c in other.candidates}
    assert dict(one.excluded) == dict(other.excluded)
    costs = [dollars(facts, entry) for entry in entries]
    if rule.order == "cost" and not rule.fallbacks and None not in costs and len({*costs}) == len(costs):
        assert [c.entry.name for c in one.candidates] == [c.entry.name for c in other.candidates]


def test_nobody_is_excluded_for_what_has_not_been_seen() -> None:
    assert names(FACTS, [entry("a", limits={"concurrent": 1})]) == ["a"]


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
def test_a_canary_gets_its_share_and_is_last_for_the_others(share: float) -> None:
    entries = [entry("a"), entry("b")]
    rule = policy(rules=[{"canary": {"model": "b", "share": share}}])
    n = 4_000
    orders = [names(replace(FACTS, share_key=f"run-{i}"), entries, rule) for i in range(n)]
    first = sum(order == ["b", "a"] for order in orders)
    assert first + sum(order == ["a", "b"] for order in orders) == n
    assert abs(first - share * n) <= 5 * sqrt(n * share * (1 - share))


def test_a_larger_share_keeps_those_that_were_drawn_before() -> None:
    drawn = []
    for share in (0.1, 0.4):
        rule = policy(rules=[{"canary": {"model": "b", "share": share}}])
        order = (names(replace(FACTS, share_key=str(i)), [entry("a"), entry("b")], rule) for i in range(300))
        drawn.append({i for i, found in enumerate(order) if found[0] == "b"})
    assert drawn[0] < drawn[1]


def test_a_failing_canary_is_not_drawn_and_one_asked_for_by_name_is() -> None:
    entries = [entry("a"), entry("b")]
    rule = policy(rules=[{"canary": {"model": "b", "share": 1}}])
    assert names(FACTS, entries, rule) == ["b", "a"]
    assert names(FACTS, entries, rule, b=Live(error_rate=0.6)) == ["a", "b"]
    almost_none = policy(rules=[{"canary": {"model": "b", "share": 1e-12}}])
    assert names(FACTS, entries, almost_none) == ["a", "b"]
    assert names(replace(FACTS, asked="b"), [entry("a", serves=["b"]), entry("b")], almost_none) == ["b", "a"]


def test_a_shadow_may_serve_no_role_and_is_never_who_answers() -> None:
    entries = [entry("a"), entry("b", roles=[], serves=[])]
    rule = policy(rules=[{"shadow": {"model": "b", "share": 1}}])
    decision = route(FACTS, entries, {}, rule)
    assert decision.shadow is not None
    assert decision.shadow.name == "b"
    assert [one.entry.name for one in decision.candidates] == ["a"]
    assert route(replace(FACTS, asked="b"), entries, {}, rule).shadow is None
    assert route(FACTS, entries, {"b": Live(is_open=True)}, rule).shadow is None
    denied = policy(rules=[{"deny": ["b"]}, {"shadow": {"model": "b", "share": 1}}])
    assert route(FACTS, entries, {}, denied).shadow is None


def test_shadows_get_their_share_whatever_the_canary_draws() -> None:
    entries = [entry("a"), entry("b")]
    rule = policy(rules=[{"canary": {"model": "b", "share": 0.5}, "shadow": {"model": "b", "share": 0.5}}])
    n = 2_000
    both = [route(replace(FACTS, share_key=str(i)), entries, {}, rule) for i in range(n)]
    copied = sum(one.shadow is not None for one in both if one.candidates[0].entry.name == "a")
    assert abs(copied - n / 4) <= 5 * sqrt(n * 0.25 * 0.75)


def test_fallbacks_stand_in_for_whoever_cannot_serve_now() -> None:
    entries = [entry("a", context=1_200), entry("b", serves=[]), entry("c", serves=[])]
    rule = policy(fallbacks={"a": ["b"], "b": ["c"], "c": ["a"]})
    asked = replace(FACTS, asked="a", input_tokens=100)
    assert names(asked, entries, rule) == ["a", "b", "c"]
    down = Live(is_open=True)
    assert names(asked, entries, rule, a=down) == ["b", "c"]
    assert names(asked, entries, rule, a=down, b=down) == ["c"]
    assert names(replace(asked, input_tokens=5_000), entries, rule) == ["b", "c"]
    decision = route(asked, entries, {}, rule, {"a": "the variable KEY is not set"})
    assert [(one.entry.name, one.reason) for one in decision.candidates] == [
        ("b", "it is a fallback of a, which cannot serve: the variable KEY is not set"),
        ("c", "it is a fallback of b"),
    ]


def test_a_fallback_is_no_way_around_the_rules() -> None:
    entries = [entry("a"), entry("b", serves=[])]
    rule = policy(fallbacks={"a": ["b"]}, rules=[{"tenant": "acme", "deny": ["a"]}])
    asked = replace(FACTS, asked="a")
    assert names(asked, entries, rule) == []
    assert why("a", asked, entries, rule) == "the rules of the tenant acme deny it"
    assert names(replace(asked, tenant="other"), entries, rule) == ["a", "b"]


def test_what_an_entry_does_not_say_of_itself_is_not_allowed() -> None:
    entries = [entry("a", region="us"), entry("b"), entry("c", region="eu", retention="none")]
    rule = policy(rules=[{"group": "staff", "regions": ["eu"]}, {"retention": ["none"]}])
    assert names(FACTS, entries, rule) == ["c"]
    assert why("a", FACTS, entries, rule) == "the rules of the group staff want the region eu; its own is us"
    assert "its own is not known" in why("b", FACTS, entries, rule)
    assert why("b", replace(FACTS, groups=()), entries, rule).startswith("the rules for all want")


def test_quotes_never_cover_up_a_model_that_cannot_answer() -> None:
    quotes = Entry(name="quotes", provider="extractive", roles=("answer",))
    by_role = replace(FACTS, asked=None, role="answer")
    assert names(by_role, [quotes, entry("a")]) == ["a"]
    assert names(by_role, [quotes, entry("a")], a=Live(is_open=True)) == []
    assert names(by_role, [quotes, entry("a", roles=["rewrite"])]) == ["quotes"]
    assert names(replace(by_role, asked="quotes"), [quotes, entry("a")]) == ["quotes"]
    rule = policy(fallbacks={"a": ["quotes"]})
    assert names(by_role, [quotes, entry("a")], rule, a=Live(is_open=True)) == ["quotes"]


def test_a_model_that_embeds_does_not_chat() -> None:
    entries = [entry("a"), entry("b", capabilities=["embeddings"])]
    assert names(FACTS, entries) == ["a"]
    assert why("b", FACTS, entries) == "it does not chat: it is for embeddings"
    embed = replace(FACTS, needs=frozenset({"embeddings"}))
    assert names(embed, entries) == ["b"]
    assert why("a", embed, entries) == "it cannot do embeddings"


def test_the_name_of_an_entry_goes_before_others_that_serve_it() -> None:
    entries = [entry("a", serves=["b"]), entry("b")]
    assert names(replace(FACTS, asked="b"), entries) == ["b", "a"]
    cheap = [entry("a", serves=["b"], input_price=1, output_price=1), entry("b")]
    assert names(replace(FACTS, asked="b"), cheap, policy(order="cost")) == ["a", "b"]


@pytest.mark.parametrize("order", ["preference", "cost", "latency"])
def test_whoever_fails_more_often_than_not_stands_behind(order: str) -> None:
    entries = [entry("a", input_price=1, output_price=1), entry("b", input_price=2, output_price=2)]
    quick, slow = Live(first_token_s=0.1), Live(first_token_s=0.2)
    rule = policy(order=order)
    assert names(FACTS, entries, rule, a=quick, b=slow) == ["a", "b"]
    assert names(FACTS, entries, rule, a=replace(quick, error_rate=0.5), b=slow) == ["a", "b"]
    failing = route(FACTS, entries, {"a": replace(quick, error_rate=0.6), "b": slow}, rule).candidates
    assert [one.entry.name for one in failing] == ["b", "a"]
    assert failing[1].reason.startswith("60% of its calls failed lately")


def test_orders() -> None:
    entries = [
        entry("a"),
        entry("b", input_price=5, output_price=0),
        entry("c", input_price=1, output_price=20),
    ]
    assert names(FACTS, entries) == ["a", "b", "c"]
    assert names(FACTS, entries, policy(order="cost")) == ["b", "c", "a"]
    assert names(replace(FACTS, max_output=10), entries, policy(order="cost")) == ["c", "b", "a"]
    times = {"a": Live(first_token_s=0.3), "b": Live(first_token_s=0.2)}
    assert names(FACTS, entries, policy(order="latency"), **times) == ["c", "b", "a"]


def test_the_bulkhead_is_full_at_its_limit() -> None:
    entries = [entry("a", limits={"concurrent": 2}), entry("b")]
    assert names(FACTS, entries, a=Live(in_flight=1)) == ["a", "b"]
    assert names(FACTS, entries, a=Live(in_flight=2)) == ["b"]
    assert why("a", FACTS, entries, a=Live(in_flight=2)) == "it is busy: 2 of 2 calls are in flight"


def test_too_long_says_by_how_much_and_what_would_fit() -> None:
    entries = [entry("a", context=1_400), entry("b", context=1_000, max_output=100)]
    told = refusal(FACTS, entries, route(FACTS, entries, {}, Policy()))
    assert told.code == "model_context_exceeded"
    assert told.sentence == (
        "For the model 'a' the context is too long by about 100 tokens: 1,000 of input and 500 for the answer, "
        "where 1,400 are all; 900 of input would fit."
    )
    assert names(replace(FACTS, input_tokens=900), entries) == ["a", "b"]
    assert names(replace(FACTS, input_tokens=901), entries) == []


def test_refusals_name_what_there_is_and_why_it_cannot_serve() -> None:
    entries = [entry("a"), entry("b", roles=["rewrite"])]

    def told(facts: Facts, **live: Live) -> tuple[str, str]:
        error = refusal(facts, entries, route(facts, entries, live, Policy()))
        return error.code, error.sentence

    assert told(replace(FACTS, asked="gpt-0")) == (
        "model_unknown",
        "There is no model 'gpt-0'; the catalog has: a, b, x.",
    )
    assert told(replace(FACTS, asked="a"), a=Live(is_open=True)) == (
        "model_unavailable",
        "No model is available for the model 'a' (a: it has failed too often just now; its circuit breaker is open).",
    )
    assert told(replace(FACTS, asked="b", role="answer")) == (
        "model_unavailable",
        "No model is available for the model 'b' (b: it does not serve the role answer).",
    )
    assert told(replace(FACTS, asked=None, role="judge"), a=Live(is_open=True))[0] == "model_unavailable"


@everything
@settings(max_examples=50)
def test_a_refusal_can_always_be_told(
    facts: Facts, entries: list[Entry], live: dict[str, Live], rule: Policy, unavailable: dict[str, str]
) -> None:
    decision = route(facts, entries, live, rule, unavailable)
    if not decision.candidates:
        told = refusal(facts, entries, decision)
        assert told.code in {"model_unknown", "model_unavailable", "model_context_exceeded"}
        assert (told.code == "model_unknown") <= (facts.asked is not None)
