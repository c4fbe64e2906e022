"""The local profile's name where the account has none."""

import pytest

from app.users import account


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 3_999_999_999)
    assert account() == "3999999999"
    monkeypatch.setenv("LOGNAME", "ann")
    assert account() == "ann"
