"""The catalog of chat models: what is configured, what is available, and which one serves a role."""

from state.errors import KairosError
from tools.models.availability import key, unavailable
from tools.models.entry import Entry, Role
from tools.models.watch import Watch

__all__ = ["Entry", "Role", "catalog", "choose", "find", "key", "serves", "unavailable"]

catalog = Watch()
"""The entries by name, in order of preference; `catalog.now()` has the routing policy too.

Raises KairosError `catalog_invalid`.
"""


def choose(role: Role, preferred: str | None = None) -> Entry:
    """The entry that serves a role: the one asked for by name, else the first available one.

    Raises KairosError `model_unknown` or `model_unavailable`; a configured model that is unavailable is never
    silently replaced by the extractive one.
    """
    if preferred is not None:
        return _named(preferred, role)
    serving = [entry for entry in catalog().values() if role in entry.roles]
    candidates = [entry for entry in serving if entry.provider != "extractive"] or serving
    for entry in candidates:
        if unavailable(entry) is None:
            return entry
    reasons = "; ".join(f"{entry.name}: {unavailable(entry)}" for entry in candidates) or "none serves it"
    raise KairosError("model_unavailable", f"No model is available for the role {role} ({reasons}).")


def serves(role: Role) -> bool:
    """Whether some available model serves a role."""
    return any(role in entry.roles and unavailable(entry) is None for entry in catalog().values())


def find(name: str) -> Entry:
    """The entry of that name; KairosError `model_unknown` names those that there are."""
    entries = catalog()
    try:
        return entries[name]
    except KeyError:
        there = ", ".join(entries)
        raise KairosError("model_unknown", f"There is no model {name!r}; the catalog has: {there}.") from None


def _named(name: str, role: Role) -> Entry:
    entry = find(name)
    reason = unavailable(entry)
    if role not in entry.roles:
        reason = f"it does not serve the role {role}"
    if reason is not None:
        usable = [e.name for e in catalog().values() if role in e.roles and unavailable(e) is None]
        sentence = f"The model {name!r} cannot be used: {reason}; available: {', '.join(usable) or 'none'}."
        raise KairosError("model_unavailable", sentence)
    return entry
