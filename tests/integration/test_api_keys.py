"""Virtual API keys on a real Postgres: hashed, rotated, revoked."""

from datetime import timedelta
from uuid import uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import api_key_lookup, api_keys
from state.postgres.pool import Pool, admin

DAY = timedelta(days=1)
NOTHING = timedelta()


@pytest.fixture
def us(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Identity:
    """A tenant of one test; keys are read anew each time."""
    monkeypatch.setattr(api_key_lookup, "_cache", {})
    monkeypatch.setattr(api_key_lookup, "FRESH_S", 0.0)
    return Identity(f"tenant-{uuid4().hex}", "ann")


async def refusal(secret: str) -> str:
    with pytest.raises(KairosError) as caught:
        await api_key_lookup.find(secret)
    assert secret not in caught.value.sentence or not secret
    return caught.value.code


async def test_a_key_is_found_by_its_secret_and_stored_hashed(us: Identity) -> None:
    made = await api_keys.create(us, "ci", "bob", "red", ("b", "a", "a"), ("small", "large"), DAY)
    assert len(made.secret) == 50
    assert made.secret.startswith("kairos-")
    found = await api_key_lookup.find(made.secret)
    assert found.expires_at == made.expires_at
    assert (found.id, found.tenant, found.name, found.principal) == (made.id, us.tenant, "ci", "bob")
    assert (found.team, found.groups, found.models) == ("red", ("a", "b"), ("large", "small"))
    async with admin() as connection:
        rows = await (
            await connection.execute("SELECT * FROM api_key_secrets s JOIN api_keys k ON k.id = s.key")
        ).fetchall()
    assert made.secret not in str(rows)
    (listed,) = await api_keys.overview(us)
    assert listed["prefixes"] == [made.secret[:14]]


async def test_what_is_no_key_is_unknown(us: Identity) -> None:
    made = await api_keys.create(us, "ci", "bob")
    other = made.secret[:-1] + ("a" if made.secret[-1] != "a" else "b")
    for secret in ("", "x", "kairos-", made.secret + "a", made.secret.upper(), "kairos-" + "é" * 43, other):
        assert await refusal(secret) == "key_unknown"


async def test_after_rotation_both_secrets_work_until_the_grace_is_over(us: Identity) -> None:
    first = await api_keys.create(us, "ci", "bob")
    second = await api_keys.rotate(us, "ci", DAY)
    assert second.id == first.id
    assert (await api_key_lookup.find(second.secret)).expires_at is None
    assert (await api_key_lookup.find(first.secret)).expires_at is not None
    third = await api_keys.rotate(us, "ci", NOTHING)
    assert await refusal(first.secret) == await refusal(second.secret) == "key_expired"
    assert (await api_key_lookup.find(third.secret)).id == first.id


async def test_a_rotation_lengthens_no_life(us: Identity) -> None:
    first = await api_keys.create(us, "ci", "bob", expires_in=NOTHING)
    second = await api_keys.rotate(us, "ci", DAY)
    assert await refusal(first.secret) == await refusal(second.secret) == "key_expired"
    soon = await api_keys.create(us, "cd", "bob")
    await api_keys.rotate(us, "cd", NOTHING)
    await api_keys.rotate(us, "cd", DAY)
    assert await refusal(soon.secret) == "key_expired"


async def test_a_revoked_key_is_refused_and_its_name_is_free(us: Identity) -> None:
    first = await api_keys.create(us, "ci", "bob")
    with pytest.raises(KairosError, match="There is a key 'ci' already"):
        await api_keys.create(us, "ci", "eve")
    with pytest.raises(KairosError, match="There is no key 'ci'"):
        await api_keys.revoke(Identity("another", "eve"), "ci")
    await api_keys.revoke(us, "ci")
    assert await refusal(first.secret) == "key_revoked"
    second = await api_keys.create(us, "ci", "eve")
    assert second.id != first.id
    with pytest.raises(KairosError, match="There is no key 'cd'"):
        await api_keys.rotate(us, "cd", DAY)


async def test_a_key_is_read_once_in_some_seconds(us: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_key_lookup, "FRESH_S", 60.0)
    monkeypatch.setattr(api_key_lookup, "CACHED", 2)
    secrets = [(await api_keys.create(us, f"key {n}", "bob")).secret for n in range(3)]
    for secret in secrets:
        await api_key_lookup.find(secret)
    for n in range(3):
        await api_keys.revoke(us, f"key {n}")
    assert await refusal(secrets[0]) == "key_revoked", "only the last two are remembered"
    assert (await api_key_lookup.find(secrets[2])).name == "key 2", "the admission refuses it"


@pytest.mark.parametrize("name", ["", "  ", "*"])
async def test_a_key_needs_a_name(us: Identity, name: str) -> None:
    with pytest.raises(KairosError) as caught:
        await api_keys.create(us, name, "bob")
    assert caught.value.code == "api_key_invalid"
