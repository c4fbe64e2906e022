"""What each format of text becomes; every file is written here."""

import io
import json
import re
import struct
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from state.errors import KairosError
from tests.fixtures.ole import ole
from tools.parse import Document
from tools.parse.parsers import parse


def shown(document: Document) -> list[tuple[str, str]]:
    """Kind (with the level of a heading) and text of each element."""
    return [
        (
            element.kind + (str(element.level) if element.level else ""),
            document.text[element.start : element.end],
        )
        for element in document.elements
    ]


async def read(name: str, source: str | bytes) -> Document:
    return parse(name, source.encode() if isinstance(source, str) else source)


async def code_of(name: str, data: bytes) -> str:
    with pytest.raises(KairosError) as failure:
        parse(name, data)
    assert failure.value.sentence.startswith(name)
    return failure.value.code


RST = """
The harbor
==========

Intro with :ref:`the lamp <lamp>` and :py:class:`~harbor.Lamp`.

.. note:: Mind the step.

.. versionadded:: 2.0
   The new lamp.

.. code-block:: python
   :caption: Light

   def light():
       return 1

.. toctree::

   other

.. unheard-of:: Signals
   :loud: yes

   Two flashes.

Prices
------

===== =====
Item  Price
===== =====
Oil   3
===== =====

.. image:: lamp.png
   :alt: The lamp at night

wick
   It burns.
"""


async def test_restructured_text() -> None:
    document = await read("a.rst", RST)
    assert document.title == "The harbor"
    assert shown(document) == [
        ("heading1", "The harbor"),
        ("paragraph", "Intro with the lamp and Lamp."),
        ("paragraph", "Note"),
        ("paragraph", "Mind the step."),
        ("paragraph", "2.0 The new lamp."),
        ("code", "def light():\n    return 1"),
        ("paragraph", "Signals"),
        ("paragraph", "Two flashes."),
        ("heading2", "Prices"),
        ("table", "Item | Price\nOil | 3"),
        ("image", "The lamp at night"),
        ("list", "- wick: It burns."),
    ]


async def test_restructured_text_reads_no_other_files() -> None:
    for directive in (
        "include:: /etc/hostname",
        "csv-table:: x\n   :file: /etc/hostname",
        "raw:: html\n   :file: /etc/hostname",
    ):
        document = await read("a.rst", f"Before.\n\n.. {directive}\n\nAfter.")
        assert document.text == "Before.\n\nAfter."
    assert "alert" not in (await read("a.rst", ".. raw:: html\n\n   <p>alert</p>\n\nText")).text


ADOC = """= The Guide
Ana Marin <ana@harbor.example>
:lamp: big lamp

// not shown
== Using the {lamp}

Some *bold* and `code`, see <<prices,the prices>> or link:http://x.example[the site].
It goes on.

[WARNING]
====
Do not touch.
====

* a
** b
* c
+
hangs on c

. one
.. two

----
x = "*kept*"
----

Oil:: Burns.

.Prices
[cols="1,2*"]
|===
|A |B |C

|1 |2 |3
2+|wide |x
.2+|down |y |z
|p |q
|===

image::lamp.png[A lamp, 300]

include::/etc/hostname[]
"""


async def test_asciidoc() -> None:
    document = await read("a.adoc", ADOC)
    assert (document.title, document.metadata) == ("The Guide", {"author": "Ana Marin <ana@harbor.example>"})
    assert shown(document) == [
        ("heading1", "The Guide"),
        ("heading2", "Using the big lamp"),
        ("paragraph", "Some bold and code, see the prices or the site. It goes on."),
        ("paragraph", "Warning"),
        ("paragraph", "Do not touch."),
        ("list", "- a\n  - b\n- c\n  hangs on c\n  1. one\n    1. two"),
        ("code", 'x = "*kept*"'),
        ("list", "- Oil: Burns."),
        ("caption", "Prices"),
        ("table", "A | B | C\n1 | 2 | 3\nwide | | x\ndown | y | z\ndown | p | q"),
        ("image", "A lamp"),
    ]


TEX = r"""% a comment
\documentclass{article}
\newcommand{\lamp}{harbor lamp}
\title{The \textbf{Guide}\thanks{nobody}}\author{Ana Mar\'{\i}n}
\begin{document}\maketitle
\section{Intro}\label{sec:intro}
The \lamp{} at 50\% of \emph{its \textbf{power}}~\cite{x}, \"uber $x^2 < 3$.\footnote{At \emph{night}.} % gone
See \href{http://x.example}{the site}.

\begin{itemize}
\item First
  \begin{enumerate}\item Inner\end{enumerate}
\item[Oil] Burns.
\end{itemize}
\begin{table}
\begin{tabular}{l|r}
\hline Item & Price \\ \hline
Oil \& wick & 3 \\
\multicolumn{2}{c}{Total} \\
\end{tabular}
\caption{Prices}
\end{table}
\begin{verbatim}
x = 1 % kept
\end{verbatim}
\begin{equation}\label{e}E = mc^2\end{equation}
\input{/etc/hostname}
\end{document} after
"""


async def test_latex() -> None:
    document = await read("a.tex", TEX)
    assert (document.title, document.metadata) == ("The Guide", {"author": "Ana Marín"})
    assert shown(document) == [
        ("heading1", "The Guide"),
        ("heading2", "Intro"),
        ("paragraph", "The harbor lamp at 50% of its power, über $x^2 < 3$. (At night.) See the site."),
        ("list", "- First\n  1. Inner\n- Oil: Burns."),
        ("table", "Item | Price\nOil & wick | 3\nTotal |"),
        ("caption", "Prices"),
        ("code", "x = 1 % kept"),
        ("code", "E = mc^2"),
    ]


RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\stylesheet{\s1\outlinelevel0 heading 1;}}
{\info{\title Guide}{\author Ana}}{\header Top\par}
\pard\s1\outlinelevel0 {\b The lamp}\par
\pard Caf\'e9 for 3 \u8364?.\par
{\listtext\'b7\tab}One\par
{\listtext\'b7\tab}Two\par
\pard\outlinelevel1 Prices\par
\trowd\pard\intbl Item\cell Price\cell\row
\trowd\pard\intbl Oil\cell\cell\row
\pard{\field{\*\fldinst{HYPERLINK "http://x.example"}}{\fldrslt{the site}}}\par
{\pict\pngblip 89504e47}}"""


async def test_rtf() -> None:
    document = await read("a.rtf", RTF)
    assert (document.title, document.metadata) == ("Guide", {"author": "Ana"})
    assert shown(document) == [
        ("heading1", "The lamp"),
        ("paragraph", "Café for 3 €."),
        ("list", "- One\n- Two"),
        ("heading2", "Prices"),
        ("table", "Item | Price\nOil |"),
        ("paragraph", "the site"),
    ]


async def test_json_records_become_a_table_and_the_rest_lines() -> None:
    value = {
        "title": "Stock",
        "open": True,
        "goods": [{"item": "Oil", "price": 3.50}, {"item": "Wick", "price": 1}],
    }
    document = await read("a.json", json.dumps(value))
    assert document.title == "Stock"
    assert shown(document) == [
        ("paragraph", "title: Stock\nopen: true"),
        ("heading1", "goods"),
        ("table", "item | price\nOil | 3.5\nWick | 1"),
    ]
    lines = await read("a.jsonl", '{"item": "Oil", "price": 3}\n{"item": "Wick", "price": null}\n')
    assert shown(lines) == [("table", "item | price\nOil | 3\nWick |")]


async def test_xml_articles_and_records() -> None:
    article = await read(
        "a.xml",
        "<article><front><article-meta><title-group><article-title>Lamps</article-title>"
        "</title-group></article-meta></front>"
        "<body><sec><title>Oil</title><p>It <i>burns</i>.</p></sec></body></article>",
    )
    assert article.title == "Lamps"
    assert shown(article) == [("heading1", "Lamps"), ("heading2", "Oil"), ("paragraph", "It burns.")]
    stock = await read(
        "b.xml", "<stock><good id='1'><name>Oil</name></good><good id='2'><name>Wick</name></good></stock>"
    )
    assert shown(stock) == [("table", "id | name\n1 | Oil\n2 | Wick")]


VTT = """WEBVTT

STYLE
::cue { color: red }

00:01.000 --> 00:02.000
<v Ana>The lamp

00:02.000 --> 00:03.000
<v Ana>is <b>lit</b>.

00:20.000 --> 00:21.000
<v Bo>Good.
"""


async def test_subtitles_become_paragraphs_of_one_speaker() -> None:
    assert (await read("a.vtt", VTT)).text == "Ana: The lamp is lit.\n\nBo: Good."
    srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\nThe lamp\r\n\r\n2\r\n00:00:02,100 --> 00:00:03,000\r\nis lit.\r\n"
    assert (await read("a.srt", srt)).text == "The lamp is lit."


async def test_books() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='b/p.opf'/></rootfiles></container>",
        )
        book.writestr(
            "b/p.opf",
            "<package xmlns:dc='d'><metadata><dc:title>Lamps</dc:title><dc:creator>Ana</dc:creator></metadata>"
            "<manifest>"
            "<item id='two' href='two.xhtml' media-type='application/xhtml+xml'/>"
            "<item id='one' href='o%20ne.xhtml' media-type='application/xhtml+xml'/></manifest>"
            "<spine><itemref idref='one'/><itemref idref='two'/></spine></package>",
        )
        book.writestr("b/two.xhtml", "<html><body><p>Then this.</p></body></html>")
        book.writestr("b/o ne.xhtml", "<html><body><h1>First</h1></body></html>")
    document = await read("a.epub", target.getvalue())
    assert (document.title, document.metadata) == ("Lamps", {"author": "Ana"})
    assert shown(document) == [("heading1", "First"), ("paragraph", "Then this.")]


async def test_mail_in_parts() -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Änne <anne@harbor.example>", "bo@x.example"
    message["Subject"], message["Date"] = "Öl für die Lampe", "Wed, 01 Jan 2020 10:00:00 +0000"
    message.set_content(
        "Grüße aus dem Hafen.\n\n> Is the lamp lit?\n", charset="iso-8859-1", cte="quoted-printable"
    )
    message.add_alternative("<html><body><p>Grüße</p></body></html>", subtype="html")
    message.add_attachment(b"1,2", maintype="text", subtype="csv", filename="oil.csv")
    document = await read("a.eml", message.as_bytes())
    assert document.title == "Öl für die Lampe"
    assert document.metadata == {"author": "Änne <anne@harbor.example>", "date": "2020-01-01T10:00:00+00:00"}
    assert [text for _, text in shown(document)] == [
        "Subject: Öl für die Lampe\nFrom: Änne <anne@harbor.example>\nTo: bo@x.example\n"
        "Date: Wed, 01 Jan 2020 10:00:00 +0000\nAttachments: oil.csv",
        "Grüße aus dem Hafen.",
        "Is the lamp lit?",
    ]


async def test_mail_of_a_page_only() -> None:
    source = (
        b"From: ana@harbor.example\nTo: bo@x.example\nSubject: Oil\nMIME-Version: 1.0\n"
        b"Content-Type: text/html; charset=windows-1252\nContent-Transfer-Encoding: base64\n\n"
        b"PGgxPk9pbDwvaDE+PHA+M4A8L3A+\n"
    )
    assert shown(await read("a.eml", source))[1:] == [("heading1", "Oil"), ("paragraph", "3€")]


async def test_outlook_messages() -> None:
    texts = {
        "0037": "Oil",
        "0C1A": "Ana",
        "0C1F": "ana@harbor.example",
        "0E04": "Bo",
        "1000": "The oil is low.",
    }
    streams = {f"__substg1.0_{number}001F": text.encode("utf-16-le") for number, text in texts.items()}
    attached = {"__substg1.0_3707001F": "list.csv".encode("utf-16-le"), "__substg1.0_37010102": b"1,2"}
    data = ole({"__properties_version1.0": bytes(32), **streams, "__attach_version1.0_#00000000": attached})
    document = await read("a.msg", data)
    assert document.title == "Oil"
    assert (
        document.text
        == "Subject: Oil\nFrom: Ana <ana@harbor.example>\nTo: Bo\nAttachments: list.csv\n\nThe oil is low."
    )


def word_97(text: str, styles: list[int]) -> bytes:
    """A DOC file: its text in one piece of UTF-16, and the number of the style of each paragraph and cell."""
    start, place = 1024, 6 * 512
    raw = text.encode("utf-16-le")
    ends = [start + at + 2 for at in range(0, len(raw), 2) if raw[at : at + 2] in (b"\r\0", b"\x07\0")]
    page = bytearray(512)
    struct.pack_into(f"<{len(ends) + 1}I", page, 0, start, *ends)
    for index, style in enumerate(styles):
        at = 480 - 4 * index
        page[4 * (len(styles) + 1) + 13 * index] = at // 2
        struct.pack_into("<BH", page, at, 2, style)
    page[511] = len(styles)
    pieces = struct.pack("<BIIIHIH", 2, 16, 0, len(raw) // 2, 0, start, 0)
    head = bytearray(start)
    struct.pack_into("<I", head, 0x4C, len(raw) // 2)
    struct.pack_into("<II", head, 0x01A2, 0, len(pieces))
    struct.pack_into("<II", head, 0x0102, len(pieces), 12)
    main = (bytes(head) + raw).ljust(place, b"\0") + bytes(page)
    table = pieces + struct.pack("<III", start, ends[-1], place // 512)
    return ole({"WordDocument": main.ljust(4096, b"\0"), "0Table": table})


async def test_word_97() -> None:
    text = (
        'The lamp 🏮\rSee \x13 HYPERLINK "x" \x14the site\x15.\rItem\x07Price\x07\x07Oil\x07\x07\x07Done.\r'
    )
    document = await read("a.doc", word_97(text, [1, 0, 0, 0, 0, 0, 0, 0, 0]))
    assert shown(document) == [
        ("heading1", "The lamp 🏮"),
        ("paragraph", "See the site."),
        ("table", "Item | Price\nOil |"),
        ("paragraph", "Done."),
    ]


def record(kind: int, content: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(content)) + content


async def test_powerpoint_97() -> None:
    title = record(0x0F9F, struct.pack("<I", 0)) + record(0x0FA0, "The lamp".encode("utf-16-le"))
    body = record(0x0F9F, struct.pack("<I", 1)) + record(0x0FA8, b"Oil\rWick")
    listed = record(0x0FF0, record(0x03F3, struct.pack("<I", 2) + bytes(16)) + title + body, 15)
    document = record(0x03E8, listed, 15)
    boxes = (
        record(0x0F9E, struct.pack("<I", 0))
        + record(0x0F9E, struct.pack("<I", 1))
        + record(0x0FA8, b"In a box.")
    )
    slide = record(0x03EE, record(0xF00D, boxes, 15), 15)
    directory = record(0x1772, struct.pack("<III", 1 | 2 << 20, 0, len(document)))
    edit = record(0x0FF5, struct.pack("<IIIIIII", 0, 0, 0, len(document) + len(slide), 1, 2, 0))
    stream = document + slide + directory + edit
    user = struct.pack("<8xIII", 20, 0, len(stream) - len(edit))
    read_file = await read(
        "a.ppt", ole({"PowerPoint Document": stream, "Current User": user.ljust(40, b"\0")})
    )
    assert read_file.pages == 1
    assert shown(read_file) == [
        ("heading1", "The lamp"),
        ("list", "- Oil\n- Wick"),
        ("paragraph", "In a box."),
    ]


PAGE = """<html><head><title>Rules - Harbor</title></head><body>
<header class=site-header><a href=/>Harbor</a></header><nav>Home Rules</nav>
<div class="cookie-banner">We use cookies.</div>
<div id=content><h1>Rules</h1><p>Be kind to the <b>keeper</b>.</p>
<table><caption>Prices</caption>
<thead><tr><th rowspan=2>Item<th colspan=2>Price</tr><tr><th>Summer<th>Winter</tr></thead>
<tr><td rowspan=2>Oil<td>3<td>4</tr><tr><td colspan=2>5</tr></table>
<figure><img src=a.png alt="The lamp"><figcaption>At night</figcaption></figure>
<pre>a
  b</pre><dl><dt>Wick<dd>Burns.</dl><ul><li>One<ol><li>Two</ol></ul></div>
<aside>More news</aside><footer>Imprint</footer></body></html>"""


async def test_pages_keep_their_content_only() -> None:
    document = await read("a.html", PAGE)
    assert document.title == "Rules"
    assert shown(document) == [
        ("heading1", "Rules"),
        ("paragraph", "Be kind to the keeper."),
        ("caption", "Prices"),
        ("table", "Item | Price Summer | Price Winter\nOil | 3 | 4\nOil | 5 |"),
        ("image", "The lamp"),
        ("caption", "At night"),
        ("code", "a\n  b"),
        ("list", "- Wick: Burns."),
        ("list", "- One\n  1. Two"),
    ]


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "bomb.xml",
            f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha ha ha">{BOMB}]><x>&e9;</x>'.encode(),
        ),
        ("deep.xml", b"<?xml version='1.0'?>" + b"<a>" * 100_000 + b"x" + b"</a>" * 100_000),
        ("deep.json", b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("deep.html", b"<div>" * 100_000 + b"x"),
        ("cut.epub", b"PK\x03\x04" + bytes(40)),
        ("cut.doc", ole({"WordDocument": b"x" * 40, "0Table": b""})),
        ("cut.ppt", ole({"PowerPoint Document": b"x", "Current User": b""})),
        ("bad.json", b'{"a": 1,}'),
    ],
)
async def test_hostile_and_damaged_files_are_refused(name: str, data: bytes) -> None:
    assert await code_of(name, data) == "file_corrupt"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.rtf", b"{\\rtf1 " + b"{" * 100_000 + b"Lamp" + b"}" * 100_000 + b"}"),
        ("deep.tex", b"\\documentclass{a}\\begin{document}" + b"\\begin{itemize}\\item Lamp" * 2000),
        ("braces.tex", b"\\documentclass{a}\\begin{document}Lamp " + b"\\emph{" * 20_000),
        ("deep.adoc", b"Lamp " + b"link:a[" * 10_000),
        ("deep.md", b"Lamp\n\n" + b"> " * 5000),
        ("deep.rst", b"Lamp\n\n" + b"*`" * 3000),
        ("nul.txt", "Lamp\n".encode("utf-16-le") * 50),
        ("latin.txt", "Lamp für Öl\r\nund\rmehr\n".encode("latin-1")),
    ],
)
async def test_odd_files_are_read_all_the_same(name: str, data: bytes) -> None:
    document = parse(name, data)
    assert "Lamp" in document.text
    assert not re.search("[\x00\r]", document.text)


async def test_xml_opens_no_other_files(tmp_path: Path) -> None:
    hidden = tmp_path / "secret"
    hidden.write_text("the secret")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{hidden.as_uri()}">]>'
    source = f'<?xml version="1.0"?>{doctype}<x><p>Lamp &e;</p></x>'
    try:
        text = (await read("nosy.xml", source)).text
    except KairosError as failure:
        text = failure.sentence
    assert "the secret" not in text
