"""Cleaning: what goes from a document, what is said of it, and which documents are taken for the same."""

import random

import pytest

from tools.cleaning import clean
from tools.cleaning.boilerplate import without_repeats
from tools.cleaning.language import language_of
from tools.cleaning.near_duplicates import is_same, signature_of
from tools.cleaning.quality import flags_of
from tools.parse.assemble import assemble
from tools.parse.document import Block, Document

SENTENCES = {
    "en": "The lift at the north quay is checked every spring, and nobody uses it until the fitter has signed.",
    "de": "Der Aufzug am Nordkai wird jedes Frühjahr geprüft, und niemand benutzt ihn vor der Unterschrift.",
    "fr": "L'ascenseur du quai nord est contrôlé chaque printemps, et personne ne l'utilise avant la signature.",
    "es": "El ascensor del muelle norte se revisa cada primavera, y nadie lo usa hasta que el técnico firma.",
    "pt": "O elevador do cais norte é verificado todas as primaveras, e ninguém o usa até o técnico assinar.",
    "it": "L'ascensore della banchina nord viene controllato ogni primavera e nessuno lo usa prima della firma.",
    "nl": "De lift aan de noordkade wordt elk voorjaar gekeurd, en niemand gebruikt hem voor de handtekening.",
    "pl": "Winda na północnym nabrzeżu jest sprawdzana każdej wiosny i nikt jej nie używa przed podpisem.",
    "sv": "Hissen vid norra kajen kontrolleras varje vår, och ingen använder den förrän montören har skrivit under.",
    "fi": "Pohjoislaiturin hissi tarkastetaan joka kevät, eikä kukaan käytä sitä ennen kuin asentaja allekirjoittaa.",
    "tr": "Kuzey rıhtımındaki asansör her bahar kontrol edilir ve imzadan önce kimse asansörü kullanmaz.",
    "ru": "Лифт на северной набережной проверяют каждую весну, и никто не пользуется им до подписи мастера.",
    "uk": "Ліфт на північній набережній перевіряють щовесни, і ніхто не користується ним до підпису майстра.",
    "el": "Ο ανελκυστήρας στη βόρεια προβλήτα ελέγχεται κάθε άνοιξη και κανείς δεν τον χρησιμοποιεί πριν.",
    "ar": "يتم فحص المصعد في الرصيف الشمالي كل ربيع، ولا يستخدم أحد المصعد حتى يوقع الفني على الدفتر.",
    "ja": "北岸壁のエレベーターは毎年春に点検されます。技術者が署名するまで誰もエレベーターを使いません。",
    "zh": "北码头的电梯每年春天都要检查。在技术员签字之前，任何人都不得使用电梯。",
    "ko": "북쪽 부두의 승강기는 매년 봄에 점검합니다. 기술자가 서명할 때까지 아무도 사용하지 않습니다.",
}
PLAIN = " ".join(
    f"Berth {name} belongs to the {owner} company and is swept by its own crew in the morning."
    for name, owner in zip(
        "alder birch cedar dogwood elm fir".split(), "red blue green grey black white".split(), strict=True
    )
)


def document(*blocks: Block, **metadata: str) -> Document:
    return assemble("A page", "text/plain", blocks, None, metadata)


def prose(text: str, page: int | None = None) -> Block:
    return Block("paragraph", text, page=page)


@pytest.mark.parametrize("code", SENTENCES)
def test_the_language_of_one_sentence(code: str) -> None:
    assert language_of(document(prose(SENTENCES[code]))) == code


@pytest.mark.parametrize(
    "block",
    [
        prose("12.4 33.1 99.0 81.2"),
        prose("a3f9c0d2e4b5 77aa19 c0ffee 9b1d deadbeef 01ab 33cd"),
        prose("Margarete Okonkwo-Lindqvist"),
        Block("code", "def add(a, b):\n    return a + b"),
        Block("table", "Item | Price\nHinge | 4.20\nWasher | 0.55"),
    ],
    ids=["numbers", "keys", "name", "code", "table"],
)
def test_no_language_is_guessed(block: Block) -> None:
    assert language_of(document(block)) == ""


def test_a_table_does_not_hide_the_language() -> None:
    table = Block("table", "\n".join(f"Zug {n} | Bahnhof | {n}" for n in range(400)))
    assert language_of(document(table, prose(SENTENCES["en"]))) == "en"


def test_sound_text_has_no_flags() -> None:
    assert flags_of(document(prose(PLAIN))) == ()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Closed on Monday.", "very_short"),
        (f"{PLAIN} The cafÃ© of the portâ€™s crew is dÃ©jÃ  vu.", "broken_encoding"),
        (f"{PLAIN} \ufffd \ufffd \ufffd", "broken_encoding"),
        (f"{PLAIN} {'*** 12 == ' * 30}", "mostly_symbols"),
        (" ".join(PLAIN.replace(" ", "")), "odd_words"),
        ("\n".join([PLAIN, *["The same line."] * 12]), "repeated_lines"),
        (f"{PLAIN} Lorem ipsum dolor sit amet.", "placeholder_text"),
    ],
)
def test_what_is_doubtful_is_flagged(text: str, flag: str) -> None:
    assert flag in flags_of(document(prose(text)))


def test_broken_means_more_than_a_stray_character() -> None:
    assert "broken_encoding" not in flags_of(
        document(prose(f"{PLAIN} Â£5 for a café, Ã is a letter, “so” they said…"))
    )


def test_tables_and_code_are_not_flagged_for_what_they_are() -> None:
    table = Block("table", "\n".join(["1 | 2 | 3"] * 80))
    assert flags_of(document(table, Block("code", "}\n" * 80))) == ()


def test_a_short_text_without_blanks_is_not_short_when_it_says_much() -> None:
    assert "very_short" not in flags_of(document(prose(SENTENCES["zh"] * 4)))


def test_text_read_from_pictures_is_marked() -> None:
    assert flags_of(document(prose(PLAIN), ocr="rapidocr")) == ("ocr",)


def paged(pages: int) -> Document:
    blocks = []
    for page in range(1, pages + 1):
        blocks += [
            prose("Port of Vale, internal", page),
            Block("heading", "Rules", 1, page),
            Block("table", "Gate | Open\nNorth | daily", page=page),
            prose(f"Rule {'abcdefghij'[page]} of the port.\nApplies to all staff.", page),
            prose(f"Page {page} of {pages}", page),
        ]
    return assemble("Rules", "application/pdf", blocks, pages)


def test_running_lines_stay_once_and_nothing_else_goes() -> None:
    before, after = paged(6), without_repeats(paged(6))
    assert after.text.count("Port of Vale, internal") == 1
    assert after.text.count("Page ") == 1
    for kept in ("Applies to all staff.", "Gate | Open", "Rules"):
        assert after.text.count(kept) == before.text.count(kept) == 6
    assert {line for line in before.text.splitlines() if "Page" not in line} <= set(after.text.splitlines())


def test_spans_and_pages_are_right_after_lines_went() -> None:
    after = without_repeats(paged(6))
    assert after.pages == 6
    assert len(after.page_starts) == 6
    for page, start in enumerate(after.page_starts, 1):
        assert after.text.startswith("Port of Vale" if page == 1 else "Rules", start)
    for element in after.elements:
        text = after.text[element.start : element.end]
        assert text == text.strip() != ""
        assert (element.kind == "table") == text.startswith("Gate")


def test_a_document_without_repeats_is_left_alone() -> None:
    before = document(prose(PLAIN), prose("None."), prose("None."), prose("None."))
    assert without_repeats(before) is before


def test_known_lines_of_a_frame_stay_once() -> None:
    page = document(
        Block("heading", "Fares", 1),
        prose("A ticket is four coins.\n↑ Back to top"),
        Block("list", "- Back to top"),
        prose("Back to top of the harbour is a walk of an hour."),
        Block("code", "Back to top"),
    )
    after = without_repeats(page)
    assert after.text.count("Back to top") == 3
    assert [element.kind for element in after.elements] == ["heading", "paragraph", "paragraph", "code"]


def test_line_breaks_case_and_marks_do_not_make_another_document() -> None:
    other = PLAIN.upper().replace(". ", "!\n\n")
    assert is_same(PLAIN, other)
    assert signature_of(PLAIN) == signature_of(other)


def longer() -> str:
    words = PLAIN.lower().replace(".", "").split() * 8
    random.Random(4).shuffle(words)  # noqa: S311 - the same shuffle in every run
    return " ".join(words)


def test_a_few_other_words_are_the_same_document() -> None:
    text = longer()
    other = f"harbour {text} home"
    assert is_same(text, other)
    assert set(signature_of(text)) & set(signature_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("leave is 27 days a year", "leave is 28 days a year"),
        ("notice is 4 weeks", "notice is 4 months"),
        ("notice is four weeks", "notice is five weeks"),
        ("it costs $5", "it costs €5"),
        ("it starts on 1 March", "it starts on 1 May"),
        ("dogs are allowed", "dogs are not allowed"),
        ("dogs do wait", "dogs don't wait"),
        ("the office in Leeds", "the office in York"),
        ("you may ask", "you must ask"),
        ("hunde sind erlaubt", "hunde sind nie erlaubt"),
        ("pay 5 first, then 9", "pay 9 first, then 5"),
    ],
)
def test_what_matters_makes_another_document(one: str, other: str) -> None:
    text = longer()
    assert not is_same(f"{text} {one}", f"{text} {other}")


def test_forms_that_differ_in_a_number_are_not_even_compared() -> None:
    forms = [signature_of(f"{longer()} it costs {price} coins") for price in range(40)]
    assert len({band for form in forms for band in form}) == sum(map(len, forms))


def test_half_the_words_are_another_document() -> None:
    text = longer()
    assert not is_same(text, f"{text[: len(text) // 2]} {PLAIN.casefold()}")


@pytest.mark.parametrize("text", ["", "...", "–"])
def test_a_text_without_words_is_the_same_as_no_other(text: str) -> None:
    assert signature_of(text) == ()
    assert not is_same(text, text)


def test_cleaning_is_pure() -> None:
    first, second = clean(paged(5)), clean(paged(5))
    assert first == second
    assert (first.language, first.flags) == ("en", ("repeated_lines",))
    assert len(first.signature) == 10
