# mypy: disable-error-code="import-not-found,import-untyped"
"""Presidio's analyzer as its documentation starts it, text by text, in the interpreter of bench/peers.txt.

It wants a spaCy model for names and places. Where none can be downloaded, a blank pipeline that only cuts words takes
its place: what is left are all the pattern recognisers that it loads by default, and it is faster than the real one.
"""

from typing import Any

from bench.answering import answer_lines


def analyzer() -> Any:
    """Its AnalyzerEngine with the default registry for English."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None:
            """Nothing to load."""

        def is_loaded(self) -> bool:
            return True

    model = "en_core_web_lg"
    engine = AnalyzerEngine() if spacy.util.is_package(model) else AnalyzerEngine(nlp_engine=Blank())
    engine.analyze("warm, a@example.com", language="en")
    return engine


def main() -> None:
    """Answer {"text"} with {"spans": [[start, end, type]], "seconds"}."""
    engine = analyzer()

    def work(given: dict[str, Any]) -> dict[str, Any]:
        found = engine.analyze(given["text"], language="en")
        return {"spans": [[one.start, one.end, one.entity_type] for one in found]}

    answer_lines(work)


if __name__ == "__main__":
    main()
