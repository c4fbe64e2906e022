"""Which policy is for whom."""

from tools.guard.policy.rules import Policy
from tools.guard.policy.watch import policies


async def policy_for(tenant: str, collection: str | None = None) -> Policy:
    """The policy in force: of tenant and collection, else of the collection, else of the tenant, else the default.

    Nothing is read on the event loop. Raises KairosError `guards_invalid` where no policies could ever be read.
    """
    return (await policies.ready()).of(tenant, collection)
