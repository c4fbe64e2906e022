"""What the unit of a number says for or against it as a parameter's value."""

from collections.abc import Iterator

from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.task import Candidate
from tools.analyse import stem

_DIMENSIONS = {
    "length": "meter metr m km kilomet mile feet foot ft inch cm mm yard length width height distanc radius base side "
    "depth diamet altitud diagon",
    "mass": "kg kilogram gram g mg pound lb lbs ton mass weight",
    "time": "second s minut min hour h day week month year durat time period term age",
    "money": "dollar usd euro eur pound gbp price cost amount budget salari invest princip deposit payment fee loan",
    "share": "percent rate probabl interest percentag tax yield",
    "heat": "k celsius fahrenheit c f kelvin temperatur degre temp",
    "speed": "m/s km/h mph veloc speed",
    "people": "peopl person guest adult serv passeng player",
}  # fmt: skip
_DIMENSION_OF = {word: name for name, words in _DIMENSIONS.items() for word in words.split()}


def unit_features(parameter: Parameter, candidate: Candidate) -> Iterator[str]:
    """Whether the unit after a number is of the dimension that the parameter is described by."""
    if parameter.kind not in ("integer", "number", "array"):
        return
    unit = stem(candidate.unit)
    if not unit and candidate.kind not in ("money", "percent"):
        yield "no unit"
        return
    of = {"money": "money", "percent": "share"}.get(candidate.kind) or _DIMENSION_OF.get(unit, "")
    names = {_DIMENSION_OF[word] for word in parameter.name if word in _DIMENSION_OF}
    abouts = {_DIMENSION_OF[word] for word in parameter.about if word in _DIMENSION_OF}
    yield f"unit in name={unit in parameter.name:d}|in description={unit in parameter.about:d}"
    yield f"dimension|name={_agrees(of, names)}|about={_agrees(of, abouts)}"


def _agrees(of: str, wanted: set[str]) -> str:
    if not wanted or not of:
        return "unknown" if wanted or of else "none"
    return "yes" if of in wanted else "no"
