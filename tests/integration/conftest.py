"""Fixtures of the tests that call models or admit calls."""

from collections.abc import AsyncIterator, Iterator

import pytest

from state.identity import Identity
from state.postgres.admission import Admission
from state.postgres.pool import Pool
from tests.fixtures.gateway import tenant
from tests.fixtures.model_server import ModelServer, Reply


@pytest.fixture
def us() -> Identity:
    """Somebody in a tenant of one test."""
    return tenant()


@pytest.fixture
async def admission(pool: Pool) -> AsyncIterator[Admission]:
    """An admission of one test."""
    made = Admission()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[ModelServer, ModelServer]]:
    """Two scripted servers; `first` and `second` are the same, with a new script."""
    with ModelServer() as first, ModelServer() as second:
        yield first, second


@pytest.fixture
def first(servers: tuple[ModelServer, ModelServer], request: pytest.FixtureRequest) -> ModelServer:
    return scripted(servers[0], request)


@pytest.fixture
def second(servers: tuple[ModelServer, ModelServer], request: pytest.FixtureRequest) -> ModelServer:
    return scripted(servers[1], request)


def scripted(server: ModelServer, request: pytest.FixtureRequest) -> ModelServer:
    """The server as if new, answering with the test module's ANSWER."""
    server.script(Reply(request.module.ANSWER))
    server.calls.clear()
    return server
