"""Topics and claims of a policy: by phrases in any disguise, and by sentences that mean the same."""

import base64

import pytest
from pydantic import ValidationError

from tools.guard import subjects
from tools.guard.check import About
from tools.guard.checks import forbidden_claims, topics
from tools.guard.injection.vectors import vectors

GAMBLING = {
    "name": "gambling",
    "phrases": ("casino*", "sports bet*", "place * bet"),
    "examples": (
        "Which football match should I bet on?",
        "How can I win at roulette?",
        "What are the odds for tonight's horse race?",
        "Give me a tip for the lottery numbers.",
    ),
}
POLITICS = {
    "name": "party politics",
    "examples": (
        "Which party should I vote for?",
        "What do you think of the president?",
        "Is the government doing a good job?",
    ),
}
TOPICS = topics.Options.model_validate({"topics": (GAMBLING, POLITICS)})
CLAIMS = forbidden_claims.Options.model_validate(
    {
        "claims": [
            {
                "name": "guarantee",
                "phrases": ["guaranteed * returns", "risk free", "we promise"],
                "examples": [
                    "You will certainly earn money with this fund.",
                    "Your money is absolutely safe and cannot lose value.",
                ],
            }
        ]
    }
)


async def spoken(text: str, **about: object) -> list[tuple[str, str]]:
    hits = await topics.find(text, TOPICS, About(**about))  # type: ignore[arg-type]
    return [(hit.rule, text[hit.start : hit.end]) for hit in hits]


async def claimed(text: str) -> list[tuple[str, str]]:
    hits = await forbidden_claims.find(text, CLAIMS, About())
    return [(hit.rule, text[hit.start : hit.end]) for hit in hits]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Where is the next Casino?", "Casino"),
        ("How do I place a safe bet here?", "place a safe bet"),
        ("Tell me of c a s i n o s please", "c a s i n o s"),
        ("Tell me of саsinоs please", "саsinоs"),
        ("Tell me of c\u200basinos please", "c\u200basinos"),
    ],
)
async def test_phrases_are_found_in_any_disguise(text: str, part: str) -> None:
    assert await spoken(text) == [("gambling", part)]


async def test_phrases_are_found_in_base64() -> None:
    block = base64.b64encode(b"please tell me about casinos in town").decode()
    ((rule, part),) = await spoken(f"Answer {block} please")
    assert rule == "gambling"
    assert part in block


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Who is going to win the football game, I want to bet some money", "gambling"),
        ("What numbers should I pick in the lottery?", "gambling"),
        ("Tell me how to beat the roulette table", "gambling"),
        ("Who should I vote for in the election?", "party politics"),
        ("Do you like the president?", "party politics"),
    ],
)
async def test_what_means_the_same_is_found(text: str, topic: str) -> None:
    assert topic in {rule for rule, _ in await spoken(text)}


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I have?",
        "Is there a football team at work?",
        "How do I reset my password?",
        "Who is the president of the works council?",
        "What is the return policy for online orders?",
        "Which form do I need for parental leave?",
        "The building has odd numbers on the left side.",
        "better alphabet sportsbettering",
        "ok",
        "",
    ],
)
async def test_other_topics_are_not(text: str) -> None:
    assert await spoken(text) == []


async def test_one_sentence_of_many_is_found() -> None:
    text = (
        "Our office has a canteen on the ground floor. It opens at noon. "
        "Which horse should I bet on in the race tonight? The canteen serves soup and bread every day."
    )
    assert ("gambling", "Which horse should I bet on in the race tonight?") in await spoken(text)


async def test_the_known_vector_is_used() -> None:
    (about_politics,) = await vectors(["Which party should I vote for?"])
    assert await spoken("How many days are left", vector=about_politics) == [
        ("party politics", "How many days are left")
    ]


async def test_examples_are_embedded_once() -> None:
    subjects._known.clear()
    await spoken("How many days of leave do I have?")
    assert len(subjects._known) == 2
    first = dict(subjects._known)
    await spoken("How many days of leave are there?")
    assert all(subjects._known[examples] is made for examples, made in first.items())


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("We promise it.", "We promise"),
        ("These are guaranteed high returns.", "guaranteed high returns"),
        ("It is risk-free!", "risk-free"),
        ("With this fund you will certainly earn money.", "With this fund you will certainly earn money."),
        ("Not only is it risk free, it is cheap.", "risk free"),
    ],
)
async def test_a_claim_is_found(text: str, part: str) -> None:
    assert ("guarantee", part) in await claimed(text)


@pytest.mark.parametrize(
    "text",
    [
        "There are no guaranteed returns.",
        "No investment is risk free.",
        "We never promise returns; it isn't risk-free.",
        "This fund invests in bonds of European companies.",
        "The fund may lose value, and you may get back less than you paid.",
        "Past returns say nothing about the future.",
    ],
)
async def test_what_is_denied_or_only_about_it_is_no_claim(text: str) -> None:
    assert await claimed(text) == []


async def test_what_is_denied_may_count() -> None:
    strict = CLAIMS.model_copy(update={"unless_denied": False})
    assert await forbidden_claims.find("There are no guaranteed returns.", strict, About()) != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"topics": []},
        {"topics": [{"name": "a", "phrases": ["*"]}]},
        {"topics": [{"name": "", "phrases": ["a"]}]},
        {"topics": [{"name": "a", "regex": "a"}]},
        {"topics": [GAMBLING], "threshold": 1.5},
        {"topics": [{"name": "a"}]},
    ],
)
def test_a_mistake_in_a_policy_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        topics.Options.model_validate(wrong)
