"""Protection that withstood its first attack, and must continue to do so."""

import subprocess

from conftest import Installation
from server import BINARY, Server


def test_a_second_server_on_the_same_folder_is_refused(installation: Installation, server: Server) -> None:
    second = subprocess.run(
        [str(BINARY), "--data", str(installation.data), "serve", "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1, second.stdout + second.stderr
    assert server.ask("GET /v2/users")["users"] == []
