"""What a question means letter by letter: quoted text, identifiers and numbers."""

import re

# Longer than 200 characters is a text that somebody pasted, not a phrase.
_QUOTED = re.compile(
    r'(?<!\w)"([^"\n]{0,200})"(?!\w)|“([^”\n]{1,200})”|„([^“”\n]{1,200})[“”]|«([^»\n]{1,200})»'
)
# Letters and digits with joints between them: INV-2041, 10.4.2, rate_limit, /etc/hosts.
_RUN = re.compile(r"(?<!\S)[(\[]?(/?\w+(?:[-._/:@#+]+\w+)*)[)\],;:!?.]*(?!\S)")
_IDENTIFIER = re.compile(r"(?=.*\d)(?=.*[^\d.,:/-])|.*\w_\w|/\w|\w+/\w+/\w|\d+(?:\.\d+){2,}", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)


def quoted(question: str) -> list[str]:
    """Text between double quotation marks, without repetition, in order."""
    found = (" ".join("".join(match.groups("")).split()) for match in _QUOTED.finditer(question))
    return list(dict.fromkeys(text for text in found if any(map(str.isalnum, text))))


def identifiers(question: str) -> list[str]:
    """Words that name one thing: letters with digits, several numbers with joints, underscores, paths."""
    runs = [match[1] for match in _RUN.finditer(_QUOTED.sub(" ", question))]
    return list(dict.fromkeys(run for run in runs if _IDENTIFIER.match(run) and not _ORDINAL.fullmatch(run)))


def numbers(question: str) -> list[str]:
    """Plain numbers, dates and times, as they are written."""
    runs = [match[1] for match in _RUN.finditer(_QUOTED.sub(" ", question))]
    return list(dict.fromkeys(run for run in runs if _NUMBER.fullmatch(run) and not _IDENTIFIER.match(run)))


def phrases(question: str) -> list[str]:
    """What has to stand in a passage as it is: quoted text and identifiers.

    Not numbers: "for 3 days" is answered where the rule says "up to a week"; BM25 counts them as words.
    """
    return quoted(question) + identifiers(question)
