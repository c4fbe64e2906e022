"""What the text offers for a parameter: values with the places they stand in."""

from tools.acting.extracting.formed import FORMS, formed
from tools.acting.extracting.listed import lists
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.single import flags, numeric, strings
from tools.acting.extracting.task import Candidate, Task

MOST = 400
"""Far more than any request offers; a flood of values says nothing."""
_LIMITS = frozenset(
    "pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems".split()
)


def candidates(task: Task, parameter: Parameter) -> list[Candidate]:
    """What may be meant for the parameter and fits its schema, without "nothing"."""
    found = (formed(task, parameter) if parameter.form in FORMS else _offered(task, parameter))[:MOST]
    if not _LIMITS & parameter.schema.keys():
        return found
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(
        {name: parameter.schema[name] for name in _LIMITS & parameter.schema.keys()}
    )
    return [one for one in found if validator.is_valid(one.value)]


def _offered(task: Task, parameter: Parameter) -> list[Candidate]:
    match parameter.kind:
        case "integer" | "number":
            return list(numeric(task, parameter))
        case "boolean":
            return list(flags(task, parameter))
        case "array":
            return list(lists(task, parameter))
        case "object":
            return [
                Candidate(s, e, value, "object") for s, e, value in task.brackets if isinstance(value, dict)
            ]
        case _:
            return list(strings(task, parameter))
