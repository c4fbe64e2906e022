"""An answer in the OpenAI protocol, vetted on its way out: streamed or whole, each choice for itself."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from state.guard import GuardVerdict
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.policy.rules import Policy
from tools.guard.stream import in_parts
from tools.models.vetted_choice import VettedChoice

_ENVELOPE = frozenset({"id", "object", "created", "model", "system_fingerprint", "service_tier", "usage"})
"""What an answer may hold besides its choices."""
_CHOICE = frozenset({"index", "message", "finish_reason", "logprobs"})


class Vetted:
    """One answer's, of `n` choices."""

    def __init__(self, policy: Policy, about: About, n: int) -> None:
        self._policy, self._about, self._n = policy, about, n
        self._choices: dict[int, VettedChoice] = {}
        self._envelope: dict[str, Any] = {}

    @property
    def verdicts(self) -> list[GuardVerdict]:
        """On all choices, in their order."""
        return [one for choice in self._choices.values() for one in choice.verdicts]

    @property
    def refusal(self) -> GuardVerdict | None:
        """Why the first choice that was stopped was."""
        return next((one.refusal for one in self._choices.values() if one.refusal), None)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more may come: the model need not write on."""
        is_done = len(self._choices) >= self._n and all(one.is_done for one in self._choices.values())
        return is_done and self.refusal is not None

    def envelope(self, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What stands around the choices of a chunk; without one, of the last that came."""
        if data is not None:
            self._envelope = {name: data[name] for name in _ENVELOPE & data.keys()}
        return dict(self._envelope)

    async def chunk(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What may be sent of a chunk; None: nothing yet."""
        envelope, choices = self.envelope(data), []
        for given in data["choices"]:
            one = await self._of(given).take(given, is_last=bool(given.get("finish_reason")))
            if one is not None:
                choices.append(one)
        if data["choices"] and not choices:
            return None
        return self._told({**envelope, "choices": choices})

    async def end(self) -> dict[str, Any] | None:
        """What is left where a stream ends without saying why."""
        open_ = [(index, one) for index, one in self._choices.items() if not one.is_done]
        found = [await one.take({"index": index, "delta": {}}, is_last=True) for index, one in open_]
        choices = [one for one in found if one is not None and (one["delta"] or one["finish_reason"])]
        return self._told({**self.envelope(), "choices": choices}) if choices else None

    async def whole(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What may be sent of a whole answer; None: the very bytes."""
        choices = []
        for number, given in enumerate(data["choices"]):
            message = given.get("message") or {}
            self._choices[number] = VettedChoice(self._policy, self._about, number)
            found = await self._choices[number].take({**given, "delta": message}, is_last=True)
            assert found is not None  # noqa: S101 - it is the last of it
            said = {"role": "assistant", "content": None, **found.pop("delta")}
            if not said["content"] and not message.get("content"):
                said["content"] = message.get("content")
            choices.append({**found, "message": said})
        if not any(one.has_changed for one in self._choices.values()) and await self._may_stay(data):
            return None
        return self._told({**self.envelope(data), "choices": choices})

    async def _may_stay(self, data: Mapping[str, Any]) -> bool:
        """Whether what providers add of their own to a whole answer breaks no rule; else it is left out."""
        added = [data[name] for name in data.keys() - _ENVELOPE - {"choices"} if data[name]]
        added += [one[name] for one in data["choices"] for name in one.keys() - _CHOICE if one[name]]
        if not added:
            return True
        text = json.dumps(added, ensure_ascii=False)
        outcome = await apply(in_parts(self._policy), "output", text, self._about)
        return outcome.refusal is None and not outcome.of("redact")

    def _of(self, choice: Mapping[str, Any]) -> VettedChoice:
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        if index not in self._choices:
            self._choices[index] = VettedChoice(self._policy, self._about, index)
        return self._choices[index]

    def _told(self, data: dict[str, Any]) -> dict[str, Any]:
        """With what the asker may know of the verdicts, where the answer ends."""
        if any(choice.get("finish_reason") for choice in data["choices"]) and self.verdicts:
            data["kairos"] = {"guard": told(self.verdicts, self._policy.explain)}
        return data


def told(verdicts: Sequence[GuardVerdict], explains: bool) -> list[Any]:
    """What the asker may know: all of it if the policy explains, else what was done and why."""
    if explains:
        return list(verdicts)
    done = [one for one in verdicts if not one["dry_run"] and one["action"] in ("redact", "refuse")]
    brief = {(one["action"], one["code"], one["sentence"]) for one in done}
    return [
        {"action": action, "code": code, "sentence": sentence} for action, code, sentence in sorted(brief)
    ]
