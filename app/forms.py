"""Forms (JSON Schema of an object) filled in at the terminal, field by field."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer


def filled(form: Mapping[str, Any], given: Sequence[str] = (), ask: bool = True) -> dict[str, Any]:
    """The fields of `given` ("name=value"), and the others as the person types them; left empty they are left out.

    Raises typer.BadParameter for a field that is not there.
    """
    fields: Mapping[str, Mapping[str, Any]] = form.get("properties", {})
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, said = pair.partition("=")
        if not equals or name not in fields:
            raise typer.BadParameter(f"{pair!r} is no name=value of: {', '.join(fields)}")
        found[name] = _value(fields[name], said)
    for name in [name for name in fields if ask and name not in found]:
        said = typer.prompt(_label(name, fields[name]), fields[name].get("default", ""), err=True)
        if said != "":
            found[name] = _value(fields[name], str(said))
    return found


def _label(name: str, about: Mapping[str, Any]) -> str:
    options = about.get("enum") or [one.get("const") for one in about.get("oneOf", ())]
    title = " ".join(str(about.get("title") or name).split())
    return f"{title} ({', '.join(map(str, options))})" if options else title


def _value(about: Mapping[str, Any], said: str) -> Any:
    """As its type wants it; what does not fit stays as it is, and the schema says what is wrong."""
    if about.get("type") == "array":
        return [part.strip() for part in said.split(",") if part.strip()]
    if about.get("type") not in ("integer", "number", "boolean"):
        return said
    try:
        return json.loads({"yes": "true", "no": "false"}.get(said.lower(), said.lower()))
    except ValueError:
        return said
