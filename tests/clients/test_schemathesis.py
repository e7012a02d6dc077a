"""Schemathesis reads the served descriptions, sends valid and invalid requests, and checks the responses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import Server, rollcall, serve

HERE = Path(__file__).resolve().parent
# A schema cannot express every rule, such as that `to` is after `from`: a request that it allows may still be refused.
BEYOND_SCHEMAS = "positive_data_acceptance"
# Bodies for Zoom are read as leniently as Zoom reads them: null is absent, a number is a text. Of bodies that reach a record in
# this test, only those of tracking fields show that.
TRACKING_FIELDS = "^/v2/tracking_fields"
LENIENT = f"{BEYOND_SCHEMAS},negative_data_rejection"
# These take a session's cookie as well as a token. The check of wrong credentials sends a wrong cookie beside the valid token,
# which then counts.
SESSIONS = "^/api/v1/sessions?$"
WRONG_COOKIE = f"{BEYOND_SCHEMAS},ignored_auth"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A small company of its own, since some requests change data."""
    data = tmp_path_factory.mktemp("schemathesis") / "data"
    rollcall(data, "sim", "--seed", "5", "--people", "12", "--days", "4")
    # It tries each operation with wrong tokens, all from one address.
    with serve(data, ROLLCALL_SERVER_FAILED_SIGN_INS_PER_MINUTE="100000") as server:
        server.token = rollcall(data, "token", "create", "--scopes", "all")
        yield server


@pytest.mark.parametrize(
    ("document", "part", "excluded"),
    [
        ("zoom", ("--include-method", "GET"), BEYOND_SCHEMAS),
        ("zoom", ("--exclude-method", "GET", "--exclude-path-regex", TRACKING_FIELDS), BEYOND_SCHEMAS),
        ("zoom", ("--exclude-method", "GET", "--include-path-regex", TRACKING_FIELDS), LENIENT),
        ("webex", (), BEYOND_SCHEMAS),
        ("rollcall", ("--exclude-path-regex", SESSIONS), BEYOND_SCHEMAS),
        ("rollcall", ("--include-path-regex", SESSIONS), WRONG_COOKIE),
    ],
    ids=["zoom-reads", "zoom-writes", "zoom-tracking-fields", "webex", "rollcall", "rollcall-sessions"],
)
def test_a_description_matches_its_answers(
    server: Server, document: str, part: tuple[str, ...], excluded: str, tmp_path: Path
) -> None:
    command = [
        str(Path(sys.executable).with_name("st")),
        *("run", f"{server.url}/openapi/{document}.json", "--header", f"Authorization: Bearer {server.token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--generation-deterministic"),
        *("--exclude-checks", excluded, "--no-color"),
        # A token's many optional parameters allow few texts that are wrong.
        *("--suppress-health-check", "filter_too_much"),
        *part,
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
