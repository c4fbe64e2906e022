"""The declaration of servers: what is a mistake is told with its place, and what is unsaid fails closed."""

from pathlib import Path

import pytest

from state.errors import KairosError
from state.identity import Identity
from tools.builtin.settings import ToolSettings, read
from tools.mcp.declared import Server
from tools.mcp.reaching import credentials, environment, headers, whose


def _read(tmp_path: Path, text: str) -> ToolSettings:
    path = tmp_path / "tools.yaml"
    path.write_text(text)
    return read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: {desk: {}}", "line 1, servers.desk: name either command"),
        ("servers:\n  desk: {command: a, url: 'http://a'}", "line 2, servers.desk: name either command"),
        ("servers:\n  desk__x: {command: a}", "line 2, servers.desk__x"),
        ("servers:\n  builtin: {command: a}", "line 2, servers.builtin"),
        ("servers:\n  Desk: {command: a}", "line 2, servers.Desk"),
        ("servers:\n  desk:\n    command: a\n    headers: {X: Y}", "headers, bearer and oauth are for"),
        ("servers:\n  desk:\n    url: http://a\n    env: [A]", "args and env are for"),
        ("servers:\n  desk:\n    url: http://me:pass@a", "a url holds no password"),
        ("servers:\n  desk:\n    url: http://a\n    as_user: {X-A: ann}", "must hold one"),
        ("servers:\n  desk:\n    url: http://a\n    as_user: {X-A: '{secret}'}", "must hold one"),
        ("servers:\n  desk:\n    url: http://a\n    as_user: {X-A: '{tenant.x}'}", "must hold one"),
        (
            "servers:\n  desk:\n    url: http://a\n    as_user: {authorization: '{tenant}'}",
            "what authorization is",
        ),
        (
            "servers:\n  desk:\n    command: a\n    env: [A]\n    as_user: {A: '{tenant}'}",
            "must not say what a is",
        ),
        ("servers:\n  desk:\n    url: http://a\n    headers: {'X A': B}", "servers.desk.headers.X A"),
        ("servers:\n  desk:\n    command: a\n    env: ['A=secret']", "line 4, servers.desk.env.0"),
        ("servers:\n  desk:\n    command: a\n    risks: {'*': mild}", "line 4, servers.desk.risks.*"),
        ("servers:\n  desk:\n    command: a\n    seconds: 600", "line 4, servers.desk.seconds"),
        (
            "servers:\n  desk:\n    url: http://a\n    oauth: {client_id: A}",
            "line 4, servers.desk.oauth: client credent",
        ),
        (
            "servers:\n  desk:\n    url: http://a\n    oauth: {flow: authorization_code, client_secret: B}",
            "line 4, servers.desk.oauth: a client_secret is shown to its issuer alone",
        ),
        (
            "servers:\n  desk:\n    url: http://a\n    oauth: {flow: implicit}",
            "line 4, servers.desk.oauth.flow",
        ),
        (
            "servers:\n  desk:\n    url: http://a\n    bearer: A\n    oauth: {flow: authorization_code}",
            "oauth and another authorization exclude",
        ),
        (
            "servers:\n  desk: {command: a}\n  desk: {command: b}",
            "line 3, servers.desk: this key is written twice",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KairosError) as caught:
        _read(tmp_path, text)
    assert caught.value.code == "tools_invalid"
    assert said in caught.value.sentence
    assert "secret" not in caught.value.sentence.replace("{secret}", "").replace("client_secret", "")


def test_servers_stand_beside_what_is_built_in(tmp_path: Path) -> None:
    found = _read(tmp_path, "calculator: {enabled: false}\nservers:\n  desk: {command: a}\n")
    assert not found.calculator.enabled
    assert list(found.servers) == ["desk"]
    assert read(None).servers == {}


def test_what_nobody_says_is_taken_for_the_worst() -> None:
    risks = {"get_*": "read", "*": "money"}
    assert Server(command="a").risk("get_a", read_only=True, destructive=False) == "write"
    assert Server(url="http://a").risk("get_a", read_only=True, destructive=False) == "outward"
    assert Server(command="a").risk("drop", read_only=False, destructive=True) == "destructive"
    assert Server(command="a", trusted=True).risk("get_a", read_only=True, destructive=False) == "read"
    assert Server(command="a", trusted=True).risk("put_a", read_only=False, destructive=False) == "write"
    declared = Server.model_validate({"command": "a", "trusted": True, "risks": risks})
    assert declared.risk("get_a", read_only=False, destructive=True) == "read"
    assert declared.risk("pay", read_only=True, destructive=False) == "money"
    assert not Server(command="a").is_idempotent("anything")


def test_one_that_may_ask_back_is_called_one_by_one() -> None:
    assert Server(command="a").at_once == 50
    assert Server(command="a", sampling=True).at_once == Server(command="a", elicitation=True).at_once == 1


def test_a_server_is_there_for_whom_it_is_declared() -> None:
    ann, bob = Identity("acme", "ann", ("hr", "all")), Identity("zoo", "bob", ("hr",))
    assert all(Server(command="a").serves(one) for one in (ann, bob))
    assert [Server(command="a", tenants=("acme",)).serves(one) for one in (ann, bob)] == [True, False]
    assert [Server(command="a", groups=("all", "x")).serves(one) for one in (ann, bob)] == [True, False]
    both = Server(command="a", tenants=("zoo",), groups=("all",))
    assert not any(both.serves(one) for one in (ann, bob))


def test_values_come_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "t0ken")
    ann = Identity("acme", "ann\r\nX-Evil: 1", ("hr", "a,b"))
    server = Server.model_validate(
        {"url": "http://a", "bearer": "DESK_TOKEN", "as_user": {"X-User": "{tenant}:{principal}:{groups}"}}
    )
    assert headers("desk", server, ann) == {
        "Accept-Encoding": "identity",
        "Authorization": "Bearer t0ken",
        "X-User": "acme:ann%0D%0AX-Evil: 1:hr,a%2Cb",
    }
    assert whose(server, ann) == ("acme", "ann\r\nX-Evil: 1", "a,b", "hr")
    assert whose(Server(url="http://a"), ann) == ()
    signs_in = Server.model_validate({"url": "http://a", "oauth": {"flow": "authorization_code"}})
    assert whose(signs_in, ann) == whose(server, ann)
    monkeypatch.setenv("DESK_TOKEN", "t0ken\r\nX-Evil: 1")
    with pytest.raises(KairosError) as caught:
        environment("desk", Server(command="a", env=("DESK_TOKEN",)), ann)
    assert "t0ken" not in caught.value.sentence
    oauth = {"issuer": "http://a", "client_id": "DESK_ID", "client_secret": "DESK_SECRET"}
    with pytest.raises(KairosError, match="DESK_ID"):
        credentials("desk", Server.model_validate({"url": "http://a", "oauth": oauth}))
