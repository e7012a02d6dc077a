"""Doors: what a token opens, for how long, and who may knock how often."""

import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from conftest import Installation
from server import BINARY, Server, rollcall


def refused(installation: Installation, *arguments: str) -> str:
    """Runs a command that must fail; what it says on standard error."""
    command = [str(BINARY), "--data", str(installation.data), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0 and not done.stdout, done.stdout
    return done.stderr


def token_rows(installation: Installation, account: str) -> list[str]:
    """The lines of `token list`, newest first."""
    return rollcall(installation.data, "token", "list", "--account", account).splitlines()[1:]


@pytest.mark.parametrize("scopes", ["", " ", ",", " , ,", "\t"])
@pytest.mark.parametrize("command", [("token", "create"), ("app", "create")])
def test_blank_scopes_are_an_error_and_make_nothing(
    installation: Installation, command: tuple[str, str], scopes: str
) -> None:
    before = token_rows(installation, "evil")
    assert "no scope is named" in refused(installation, *command, "--account", "evil", "--scopes", scopes)
    assert token_rows(installation, "evil") == before
    assert len(rollcall(installation.data, "app", "list", "--account", "evil").splitlines()) == 1


def test_an_unknown_scope_is_named_with_the_nearest(installation: Installation) -> None:
    said = refused(installation, "token", "create", "--account", "evil", "--scopes", "user:read:admin dashbord:read:admin")
    assert "`dashbord:read:admin`" in said and "`dashboard:read:admin`" in said
    assert "all" in refused(installation, "token", "create", "--account", "evil", "--scopes", "all,user:read")


def test_a_token_without_scopes_reads_for_ninety_days(installation: Installation, server: Server) -> None:
    token = rollcall(installation.data, "token", "create", "--account", "acme")
    assert server.ask("GET /v2/users", token=token)["users"] == []
    assert server.ask("POST /api/v1/sql", token=token, json={"query": "SELECT 1 AS one"})["rows"]
    for writing in ("POST /ingest/v1/qos", "POST /ingest/v1/webrtc", "POST /api/v1/erasures"):
        assert server.answer(writing, token=token, data="{}").status in (400, 403), writing
        assert server.answer(writing, token=token, json={"persons": ["email:a@mail.example"]}).status in (400, 403)
    assert "erasures:write" not in token_rows(installation, "acme")[0]
    end = datetime.now(timezone.utc) + timedelta(days=90)
    assert str(end.date()) in token_rows(installation, "acme")[0]

    app = rollcall(installation.data, "app", "create", "--account", "acme")
    values = dict(line.split("=", 1) for line in app.splitlines())
    granted = server.ask("POST /oauth/token", data=values | {"grant_type": "account_credentials"})
    assert "ingest" not in granted["scope"] and "dashboard:read:admin" in granted["scope"]


def test_everything_for_ever_is_asked_for(installation: Installation, server: Server) -> None:
    options = ["--account", "acme", "--scopes", "all", "--expires", "never"]
    token = rollcall(installation.data, "token", "create", *options)
    assert server.answer("POST /ingest/v1/qos", token=token, data="").status == 200
    assert "(all)" in token_rows(installation, "acme")[0] and "never" in token_rows(installation, "acme")[0]
