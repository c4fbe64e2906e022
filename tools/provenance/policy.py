"""What is done about arguments that no trusted text names, by the risk of the tool and the role of the argument."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from state.provenance import Risk, Role

Action = Literal["approve", "refuse"]

_WRITE: dict[Role, Action] = {
    "recipient": "approve",
    "url": "approve",
    "account": "approve",
    "amount": "approve",
    "target": "approve",
    "command": "approve",
}
_DEFAULT: dict[Risk, dict[Role, Action]] = {
    "read": {"url": "approve"},
    "write": _WRITE,
    "destructive": {**_WRITE, "value": "approve"},
    "outward": {**_WRITE, "link": "approve"},
    "money": {**_WRITE, "value": "approve", "link": "approve"},
}


class Policy(BaseModel):
    """A role that is not listed for a risk is let through, whatever it derives from: content bodies, by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "default"
    rules: dict[Risk, dict[Role, Action]] = _DEFAULT
