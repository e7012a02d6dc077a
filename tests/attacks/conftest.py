"""Two tenants of one installation: `acme`, who works, and `evil`, who attacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server import Server, begin, rollcall, serve


@dataclass
class Installation:
    """A data folder with both accounts, and a token with all scopes for each."""

    data: Path
    acme: str
    evil: str

    @classmethod
    def create(cls, data: Path) -> "Installation":
        tokens = {}
        begin(data, "acme", "evil")
        for account in ("acme", "evil"):
            tokens[account] = rollcall(data, "token", "create", "--account", account, "--scopes", "all")
        return cls(data, **tokens)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """A new installation that no server uses."""
    return Installation.create(tmp_path / "data")


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    """A server of a new installation; requests have `acme`'s token unless they name another."""
    with serve(installation.data) as running:
        running.token = installation.acme
        yield running
