from pathlib import Path

from tools.parse import Document
from tools.parse.parsers import parse

FILES = Path(__file__).parents[1] / "fixtures" / "files"


async def read(name: str) -> Document:
    return parse(name, (FILES / name).read_bytes())


def kinds(document: Document) -> list[tuple[str, int]]:
    return [(element.kind, element.level) for element in document.elements]


async def test_markdown() -> None:
    document = await read("lamp.md")
    assert document.title == "The lamp"
    assert document.metadata == {"owner": "Harbour office", "topics": "oil, wicks"}
    assert (
        document.text
        == """Lamp care

Read this first

Never touch the lens with bare hands; see a lens.

Café hours & tides are not in tides.csv.
Second line.

Oil

Fill it as follows:

1. Open the cap.
  - Use the key.
2. Pour slowly.
  Wait a minute.

Lamp | Oil
Main | 4 l
Spare | 1 l

{{ kept.in_code }}
    indented

Quoted advice.

More

Hidden until opened."""
    )
    assert kinds(document)[4:9] == [("heading", 2), ("paragraph", 0), ("list", 0), ("table", 0), ("code", 0)]


async def test_markdown_that_only_looks_like_a_template_or_front_matter() -> None:
    document = parse(
        "a.md", b"---\n\nA rule above {and} {%open.\n\n---\n\n`{{ code }}` {% raw %}{{ raw }}{% endraw %}"
    )
    assert document.text == "A rule above {and} {%open.\n\n{{ code }} {{ raw }}"
    broken = parse("a.md", b"---\ntitle: Rules: the first\nby: \tx\n---\nText")
    assert (broken.title, broken.text) == ("Rules: the first", "Text")


async def test_a_title_without_front_matter_is_the_first_heading_else_the_name() -> None:
    assert (parse("a.md", b"Intro\n\n# Night *watch*\n")).title == "Night watch"
    assert (parse("docs/night-watch_2.md", b"Intro")).title == "Night watch 2"


async def test_html() -> None:
    document = await read("gallery.html")
    assert document.title == "Gallery rules"
    assert document.metadata == {"author": "Ana"}
    assert (
        document.text
        == """Gallery rules

Stand behind the rail.
Hold on – always.

- One
  - Deeper
- Two
  More of two

3. Third

Seasons

Season | Opens | Closes
Summer | 06:00 | 21:00
Summer | Closed on holidays |

Laid out

By a table.

line 1
    line 2"""
    )


async def test_html_without_a_main_part_and_inside_a_form() -> None:
    page = b"<html><body><nav>Menu</nav><form><h1>Rules</h1><p>Be kind.</p></form><footer>Imprint</footer>"
    assert (parse("a.html", page)).text == "Rules\n\nBe kind."


async def test_plain_text() -> None:
    document = await read("notes.txt")
    assert (
        document.text
        == """NIGHT WATCH

The keeper walks the gallery every two hours and writes down the wind, the visibility and every ship that \
passes without lights.

Things to bring:

- a lantern, filled to the mark
- gloves

Storms

Close the shutters."""
    )
    assert kinds(document) == [
        ("heading", 2),
        ("paragraph", 0),
        ("paragraph", 0),
        ("list", 0),
        ("heading", 2),
        ("paragraph", 0),
    ]


async def test_pdf() -> None:
    document = await read("telescopes.pdf")
    assert (document.title, document.pages) == ("Telescope rules", 3)
    assert kinds(document) == [("heading", 1), ("paragraph", 0), ("list", 0)] * 3
    assert [element.page for element in document.elements] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert "never lent to visitors of the tower." in document.text
    assert "Chapter Two\n\nEvery" in document.text
    assert document.text.endswith("- A lens cloth\n- Strap Three")
    assert "Harbour office" not in document.text
    assert "Page 1" not in document.text


async def test_word() -> None:
    document = await read("manual.docx")
    assert (document.title, document.metadata) == ("Keeper's manual", {"author": "Harbour office"})
    assert (
        document.text
        == """Keeper's manual

Watches

A watch lasts six hours. These rules hold:

1. Light the lamp at dusk.
2. Write the log.
- Spare wicks are in the chest.

Supplies

Item | Amount
Oil | 40 litres
Wicks | 12

Shown inserted

Boxed advice."""
    )
    assert kinds(document)[:5] == [
        ("heading", 1),
        ("heading", 1),
        ("paragraph", 0),
        ("list", 0),
        ("heading", 2),
    ]
