"""What a question must be before anything reads it."""

import unicodedata

from state.assistant import Refusal

LONGEST = 8_000
"""Characters: about 2,000 tokens, more than any question and less than a document."""

_HARMLESS = frozenset("\n\r\t")


def check_question(question: object) -> Refusal | None:
    """Why a question cannot be taken, or None."""
    if not isinstance(question, str):
        return Refusal(code="question_not_text", sentence="The question must be text.")
    if len(question) > LONGEST:
        return Refusal(
            code="question_too_long",
            sentence=f"The question has {len(question):,} characters; at most {LONGEST:,} are read.",
        )
    if any("\ud800" <= character <= "\udfff" for character in question) or "\ufffd" in question:
        return Refusal(code="question_not_utf8", sentence="The question is not valid UTF-8 text.")
    if any(_is_control(character) for character in question):
        return Refusal(
            code="question_control_characters",
            sentence="The question holds control characters, so it is not plain text.",
        )
    if not any(character.isalnum() or unicodedata.category(character) == "So" for character in question):
        return Refusal(code="question_empty", sentence="The question is empty; please write one.")
    return None


def _is_control(character: str) -> bool:
    return character not in _HARMLESS and unicodedata.category(character) == "Cc"
