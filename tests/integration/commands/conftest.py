"""A page that the commands find, and commands in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from state.settings import settings
from tests.fixtures.commands import Here, kairos

PAGE = "# Leave [/b] [draft]\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n"
REPORT = {"added", "updated", "unchanged", "deleted", "failed", "chunks", "seconds", "failures"}


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """A command in this process, so that many can be tried; what is read once is read again."""
    from tools.embed import embedder
    from tools.guard.policy.watch import policies
    from tools.models.catalog import catalog

    def forget() -> None:
        settings.cache_clear()
        catalog.cache_clear()
        policies.cache_clear()

    def invoke(*arguments: str, **variables: str) -> Result:
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            if any(name.startswith("KAIROS_EMBEDDER") for name in variables):
                patch.setattr(embedder, "_ready", None)
                patch.setattr(embedder, "_load_once", embedder._load.__wrapped__)
            forget()
            result = CliRunner().invoke(cli, arguments)
        forget()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    monkeypatch.setenv("COLUMNS", "200")
    yield invoke
    forget()


@pytest.fixture(scope="session")
def pages(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "leave.md").write_text(PAGE)
    report = kairos(home, "ingest", str(folder), "--tenant", "cli")
    assert report.keys() >= REPORT
    assert (report["added"], report["chunks"], report["failures"]) == (1, 1, [])
    return folder
