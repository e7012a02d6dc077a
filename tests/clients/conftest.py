"""The servers under test, each started once."""

from collections.abc import Iterator

import pytest

from server import App, Server, past_month, serve


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`rollcall serve --demo` on a fresh folder: an account with five weeks of history, and live meetings that move."""
    with serve(tmp_path_factory.mktemp("demo") / "data", "--demo") as server:
        yield server


@pytest.fixture(scope="session")
def app(demo: Server) -> App:
    """An app of the demo's account that may do everything."""
    return App.create(demo.data, "--account", "demo", "--name", "clients", "--scopes", "all")


@pytest.fixture(scope="session")
def month() -> dict[str, str]:
    return past_month()
