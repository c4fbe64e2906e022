"""Pages of plain words, the same for the same number: a folder of them to ingest."""

import random
from pathlib import Path

PLACES = "harbour depot workshop archive laboratory garden kitchen library foundry greenhouse".split()
PEOPLE = "keeper clerk pilot gardener engineer librarian cook surveyor painter warden".split()
THINGS = "ladder ledger lantern compass kettle anvil barometer trolley telescope valve".split()
DEEDS = "checks counts cleans repairs signs out weighs labels lends orders stores".replace(
    "signs out", "signs"
).split()
TIMES = "at dawn,on Mondays,before each tide,twice a year,after every visit,at the end of a shift".split(",")
REASONS = (
    "so that nobody waits",
    "because the last one was lost",
    "as the insurer asks",
    "unless frost is expected",
    "and writes the number down",
)


def page(number: int) -> str:
    """A Markdown page of about 250 words in four sections."""
    chance = random.Random(number)  # noqa: S311 - repeatable data
    sections = (
        f"## {chance.choice(THINGS).title()} rules {part}\n\n{_paragraph(chance)}" for part in range(1, 5)
    )
    return f"# Page {number}: the {chance.choice(PLACES)}\n\n" + "\n\n".join(sections) + "\n"


def write_pages(folder: Path, count: int) -> list[Path]:
    """Write so many pages, fifty a folder."""
    paths = [folder / f"part-{number // 50:03}" / f"page-{number:05}.md" for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(number), encoding="utf-8")
    return paths


def _paragraph(chance: random.Random) -> str:
    sentences = (
        f"The {chance.choice(PEOPLE)} of the {chance.choice(PLACES)} {chance.choice(DEEDS)} {chance.randrange(2, 900)} "
        f"{chance.choice(THINGS)}s {chance.choice(TIMES)}, {chance.choice(REASONS)}."
        for _ in range(4)
    )
    return " ".join(sentences)
