"""Access: what a token permits, for how long, and how often clients may try."""

import hashlib
import hmac
import json
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from conftest import Installation
from server import BINARY, Server, rollcall, serve


def refused(installation: Installation, *arguments: str) -> str:
    """Runs a command that must fail, and returns its standard error."""
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
    assert "no scope given" in refused(installation, *command, "--account", "evil", "--scopes", scopes)
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
    # If a body is refused unread, the connection is closed.
    alone = {"Connection": "close"}
    for writing in ("POST /ingest/v1/qos", "POST /ingest/v1/webrtc", "POST /api/v1/erasures"):
        assert server.answer(writing, token=token, headers=alone, data="{}").status in (400, 403), writing
        erasing = {"persons": ["email:a@mail.example"]}
        assert server.answer(writing, token=token, headers=alone, json=erasing).status in (400, 403), writing
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


USERS = [
    {"id": f"login-{name}-000000", "email": f"{name}@mail.example", "type": 2, "status": "active"} for name in ("one", "two")
]
MEETINGS = {USERS[0]["id"]: 1111111111, USERS[1]["id"]: 2222222222}


@pytest.fixture
def hosts(installation: Installation) -> Installation:
    """`acme` with two users, each of whom hosted a meeting."""
    data = installation.data
    recorded = [{"request": "GET /v2/users", "response": {"users": USERS}}]
    for user, number in MEETINGS.items():
        meeting = {"id": number, "host_id": user, "topic": f"Of {user}", "type": 2}
        recorded.append({"request": f"GET /v2/meetings/{number}", "response": meeting})
        ended = {"uuid": f"{number}AAAAAAAAAAAA==", "id": number, "host_id": user, "topic": f"Of {user}"}
        ended |= {"start_time": "2026-09-01T09:00:00Z", "end_time": "2026-09-01T10:00:00Z", "participants_count": 2}
        recorded.append({"request": f"GET /v2/past_meetings/{number}", "response": ended})
    lines = "\n".join(json.dumps(line) for line in recorded)
    rollcall(data, "import", "--account", "acme", "-", stdin=lines)
    return installation


def test_user_level_scopes_open_that_users_own_records_and_no_others(hosts: Installation) -> None:
    one, two = (user["id"] for user in USERS)
    options = ["--account", "acme", "--user", one]
    scopes = ["user:read meeting:read webinar:read", "user:read:user meeting:read:meeting meeting:read:past_meeting "
              "meeting:read:list_meetings meeting:read:list_past_instances webinar:read:webinar"]  # fmt: skip
    tokens = [rollcall(hosts.data, "token", "create", *options, "--scopes", listed) for listed in scopes]
    tokens.append(rollcall(hosts.data, "token", "create", *options))
    nobody = rollcall(hosts.data, "token", "create", "--account", "acme", "--scopes", scopes[0])

    def paths(user: str) -> list[str]:
        number = MEETINGS[user]
        return [
            f"/v2/users/{user}",
            f"/v2/users/{user}/meetings",
            f"/v2/meetings/{number}",
            f"/v2/past_meetings/{number}/instances",
            f"/v2/past_meetings/{number}",
        ]

    with serve(hosts.data) as server:
        for token in tokens:
            for path in [*paths(one), "/v2/users/me", f"/v2/users/{USERS[0]['email']}"]:
                assert server.answer(f"GET {path}", token=token).status == 200, path
            # The response does not show whether others have such a record.
            for path in [*paths(two), "/v2/users/nobody", "/v2/meetings/3333333333"]:
                answer = server.answer(f"GET {path}", token=token)
                assert (answer.status, answer.body["code"]) == (400, 4711), f"{path}: {answer.body}"
                assert "admin" in answer.body["message"] and two not in answer.body["message"]
            assert server.answer("GET /v2/users", token=token).body["code"] == 4711
            assert server.answer("POST /api/v1/sql", token=token, json={"query": "SELECT 1"}).status == 403
        for path in paths(one) + paths(two):
            assert server.answer(f"GET {path}", token=nobody).body["code"] == 4711, path
        admin = rollcall(hosts.data, "token", "create", "--account", "acme")
        for path in paths(one) + paths(two):
            assert server.answer(f"GET {path}", token=admin).status == 200, path


def test_guessing_is_throttled_logged_and_counted_and_locks_nobody_out(installation: Installation) -> None:
    app = rollcall(installation.data, "app", "create", "--account", "acme")
    values = dict(line.split("=", 1) for line in app.splitlines())
    grant = {"grant_type": "client_credentials", "client_id": values["client_id"]}
    with serve(installation.data, ROLLCALL_SERVER_FAILED_SIGN_INS_PER_MINUTE="10") as server:
        server.token = installation.acme
        for shape in ("zoom", "webex", "own"):
            request = {"zoom": "GET /v2/users", "webex": "GET /v1/meetings", "own": "GET /api/v1/erasures"}[shape]
            answers = [server.answer(request, token=f"guess-{number}") for number in range(40)]
            assert {answer.status for answer in answers} <= {401, 429}
            last = answers[-1]
            assert last.status == 429 and 1 <= int(last.headers["retry-after"]) <= 60, last.body
            assert ("code" in last.body) == (shape == "zoom") and ("trackingId" in last.body) == (shape == "webex")
        assert server.ask("GET /v2/users")["users"] == [], "a right token passes"
        for url in ("/oauth/token", "/v1/access_token"):
            answers = [server.answer(f"POST {url}", data=grant | {"client_secret": f"guess-{n}"}) for n in range(20)]
            assert answers[-1].status == 429 and "retry-after" in answers[-1].headers, answers[-1].body
            right = server.answer(f"POST {url}", data=grant | {"client_secret": values["client_secret"]})
            assert right.status == 200, right.body

        # During a flood nothing is looked up any more, but credentials that were correct recently still pass.
        for number in range(300):
            server.answer("GET /v2/users", token=f"flood-{number}")
        assert server.ask("GET /v2/users")["users"] == []
        metrics = server.answer("GET /metrics").body
        assert 'rollcall_failed_sign_ins_total{attempt="token"}' in metrics
        assert 'rollcall_throttled_sign_ins_total{attempt="client"}' in metrics
        log = installation.data.with_suffix(".log").read_text()
    told = [line for line in log.splitlines() if "too many failed sign-ins" in line]
    # Once in a minute for the address and for the client; the minute may change once.
    assert 1 <= len(told) <= 4, told
    assert "guess-" not in log and "flood-" not in log and values["client_secret"] not in log


def test_an_apps_secret_is_rotated_with_an_overlap(installation: Installation, server: Server) -> None:
    values = dict(
        line.split("=", 1) for line in rollcall(installation.data, "app", "create", "--account", "acme").splitlines()
    )

    def grant(secret: str) -> int:
        asked = {"grant_type": "client_credentials", "client_id": values["client_id"], "client_secret": secret}
        return server.answer("POST /oauth/token", data=asked).status

    def rotate(hours: str) -> str:
        options = ["--account", "acme", "--overlap", hours]
        printed = rollcall(installation.data, "app", "rotate", values["client_id"], *options)
        return dict(line.split("=", 1) for line in printed.splitlines())["client_secret"]

    second = rotate("1")
    assert (grant(values["client_secret"]), grant(second)) == (200, 200)
    third = rotate("0")
    assert (grant(values["client_secret"]), grant(second), grant(third)) == (401, 401, 200)


def test_the_page_token_key_is_rotated_under_a_running_server(hosts: Installation) -> None:
    with serve(hosts.data) as server:
        server.token = hosts.acme
        first = server.ask("GET /v2/users?page_size=1")
        before = (hosts.data / "page-token.key").read_text()
        rollcall(hosts.data, "key", "rotate")
        assert (hosts.data / "page-token.key").read_text().splitlines()[0] != before.strip()
        deadline = time.time() + 20
        while "loaded a new page-token key" not in hosts.data.with_suffix(".log").read_text():
            assert time.time() < deadline
            time.sleep(0.2)
        following = f"GET /v2/users?page_size=1&next_page_token={first['next_page_token']}"
        assert server.ask(following)["users"][0]["id"] == USERS[1]["id"], "the old key's tokens hold for their time"
        again = server.ask("GET /v2/users?page_size=1")["next_page_token"]
        assert server.ask(f"GET /v2/users?page_size=1&next_page_token={again}")["users"]


def test_webhook_secrets_are_encrypted_rotated_and_deleted(installation: Installation) -> None:
    data, secrets = installation.data, ["first-secret-of-a-hook", "second-secret-of-a-hook"]
    rollcall(data, "hook", "create", "zoom", "--account", "acme", stdin=secrets[0])

    def in_the_clear() -> list[str]:
        kept = b"".join(path.read_bytes() for path in data.iterdir() if path.name.startswith("rollcall.db"))
        return [secret for secret in secrets if secret.encode() in kept]

    assert in_the_clear() == []
    assert (data / "secrets.key").stat().st_mode & 0o777 == 0o600
    printed = rollcall(data, "account", "list").splitlines()
    public_id = next(line.split()[1] for line in printed if line.startswith("acme "))

    def deliver(server: Server, secret: str) -> int:
        body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": "t"}})
        timestamp = str(int(time.time()))
        digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"x-zm-request-timestamp": timestamp, "x-zm-signature": f"v0={digest}"}
        return server.answer(f"POST /hooks/zoom/{public_id}", data=body, headers=headers).status

    with serve(data) as server:
        assert [deliver(server, secret) for secret in secrets] == [200, 401]
        rollcall(data, "hook", "rotate", "1", "--overlap", "1", "--account", "acme", stdin=secrets[1])
        assert [deliver(server, secret) for secret in secrets] == [200, 200]
        rollcall(data, "hook", "revoke", "1", "--account", "acme")
        assert [deliver(server, secret) for secret in secrets] == [401, 200]
    assert in_the_clear() == [] and len(rollcall(data, "hook", "list", "--account", "acme").splitlines()) == 2

    # A lost key is not replaced silently: what it encrypted could never be read again.
    (data / "secrets.key").rename(data.parent / "elsewhere.key")
    with serve(data) as server:
        assert deliver(server, secrets[1]) == 503
    assert not (data / "secrets.key").exists()
    with serve(data, ROLLCALL_SERVER_SECRETS_KEY_FILE=str(data.parent / "elsewhere.key")) as server:
        assert deliver(server, secrets[1]) == 200


def test_plain_webhook_secrets_of_earlier_versions_are_encrypted_at_the_next_start(installation: Installation) -> None:
    data = installation.data
    with closing(sqlite3.connect(data / "rollcall.db")) as db:
        db.execute("INSERT INTO hooks (account_id, vendor, secret, created_at_ms) VALUES (1, 'zoom', 'plain-old-secret', 0)")
        db.commit()
    rollcall(data, "hook", "list", "--account", "acme")
    kept = b"".join(path.read_bytes() for path in data.iterdir() if path.name.startswith("rollcall.db"))
    assert b"plain-old-secret" not in kept


def rows(server: Server, query: str) -> list[list[object]]:
    """The result of an SQL query, row by row."""
    answered = server.ask("POST /api/v1/sql", json={"query": query})["rows"]
    return [list(row.values()) if isinstance(row, dict) else row for row in answered]


def test_who_changed_exported_or_erased_is_in_the_audit_without_what(installation: Installation) -> None:
    app = rollcall(installation.data, "app", "create", "--account", "acme")
    values = dict(line.split("=", 1) for line in app.splitlines())
    with serve(installation.data) as server:
        server.token = installation.acme
        for _ in range(3):
            server.ask("GET /v2/users?page_size=1")
        lacking = rollcall(installation.data, "token", "create", "--account", "acme", "--scopes", "user:read:admin")
        assert server.answer("GET /v2/metrics/meetings", token=lacking).status == 400
        status = server.answer("POST /api/v1/erasures", json={"persons": ["email:somebody@mail.example"]}).status
        assert status == 202
        # A change is visible as soon as its response is sent.
        assert rows(server, "SELECT actor, address, status, requests FROM audit WHERE operation = 'erasePerson'") == [
            ["token", "127.0.0.1", 202, 1]
        ]
        granted = {"grant_type": "client_credentials"} | values
        assert server.answer("POST /oauth/token", data=granted).status == 200
    # Counters are written at the latest when the server stops.
    with serve(installation.data) as server:
        server.token = installation.acme
        counted = rows(server, "SELECT operation, effect, target, status, sum(requests) FROM audit GROUP BY 1, 2, 3, 4")
        assert ["users", "read", "account", 200, 3] in counted
        assert ["dashboardMeetings", "read", "account", 403, 1] in counted
        assert ["createToken", "grant", "token", 200, 1] in counted
        assert ["token create", "change", "token", None, 2] in counted
        assert ["askInSql", "export", "account", 200, 1] in counted
        evil = server.ask("POST /api/v1/sql", token=installation.evil, json={"query": "SELECT operation FROM audit"})
        assert {str(row) for row in evil["rows"]} & {"users", "erasePerson"} == set(), "another account's"
    with closing(sqlite3.connect(installation.data / "rollcall.db")) as db:
        told = " ".join(str(row) for row in db.execute("SELECT * FROM audit"))
    assert "somebody" not in told and "page_size" not in told and installation.acme not in told
    listed = rollcall(installation.data, "token", "list", "--account", "acme")
    assert "LAST USED" in listed and datetime.now(timezone.utc).strftime("%Y-%m-%d") in listed.splitlines()[-1]


def test_a_refresh_token_used_twice_ends_its_family_at_zoom_and_lives_on_at_webex(
    installation: Installation, server: Server
) -> None:
    printed = rollcall(installation.data, "app", "create", "--account", "acme", "--scopes", "all")
    app = dict(line.split("=", 1) for line in printed.splitlines())
    options = ["--account", "acme", "--scopes", "all", "--app", app["client_id"], "--refresh"]
    client = {"client_id": app["client_id"], "client_secret": app["client_secret"], "grant_type": "refresh_token"}

    first = rollcall(installation.data, "token", "create", *options)
    second = server.ask("POST /oauth/token", data=client | {"refresh_token": first})
    assert server.answer("GET /v2/users", token=second["access_token"]).status == 200
    # As if it had been used some time ago: a client that sends it twice at the same time loses nothing.
    with closing(sqlite3.connect(installation.data / "rollcall.db")) as db:
        db.execute("UPDATE tokens SET revoked_at_ms = revoked_at_ms - 60000 WHERE revoked_at_ms IS NOT NULL")
        db.commit()
    assert server.answer("POST /oauth/token", data=client | {"refresh_token": first}).status == 400
    assert server.answer("GET /v2/users", token=second["access_token"]).status == 401
    stolen = client | {"refresh_token": second["refresh_token"]}
    assert server.answer("POST /oauth/token", data=stolen).status == 400

    refresh = rollcall(installation.data, "token", "create", *options)
    for _ in range(3):
        answer = server.ask("POST /v1/access_token", data=client | {"refresh_token": refresh})
        assert answer["refresh_token"] == refresh


def test_a_client_secret_in_the_query_is_not_taken(installation: Installation, server: Server) -> None:
    printed = rollcall(installation.data, "app", "create", "--account", "acme")
    app = dict(line.split("=", 1) for line in printed.splitlines())
    query = f"client_id={app['client_id']}&client_secret={app['client_secret']}&grant_type=client_credentials"
    assert server.answer(f"POST /oauth/token?{query}").status == 401
    assert app["client_secret"] not in installation.data.with_suffix(".log").read_text()


def test_an_app_that_asks_for_ever_more_tokens_fills_no_database(installation: Installation, server: Server) -> None:
    printed = rollcall(installation.data, "app", "create", "--account", "evil")
    app = dict(line.split("=", 1) for line in printed.splitlines())
    asked = app | {"grant_type": "client_credentials"}
    tokens = [server.ask("POST /oauth/token", data=asked)["access_token"] for _ in range(540)]
    with closing(sqlite3.connect(installation.data / "rollcall.db")) as db:
        (kept,) = db.execute("SELECT count(*) FROM tokens WHERE client_id = ?", (app["client_id"],)).fetchone()
    assert kept == 500
    assert server.answer("GET /v2/users", token=tokens[-1]).status == 200
    assert server.answer("GET /v2/users", token=tokens[0]).status == 401


def test_ids_and_secrets_never_begin_with_a_hyphen(installation: Installation) -> None:
    for _ in range(40):
        printed = rollcall(installation.data, "app", "create", "--account", "acme")
        values = [line.split("=", 1)[1] for line in printed.splitlines()]
        assert not any(value.startswith("-") for value in values), values
    # Ids of earlier versions may: `--` ends the options.
    with closing(sqlite3.connect(installation.data / "rollcall.db")) as db:
        db.execute("UPDATE apps SET client_id = '-old-id' WHERE client_id = ?", (values[1],))
        db.commit()
    rollcall(installation.data, "app", "revoke", "--account", "acme", "--", "-old-id")


def test_a_suspended_account_is_refused_on_every_surface_until_it_is_resumed(installation: Installation) -> None:
    printed = rollcall(installation.data, "app", "create", "--account", "evil")
    app = dict(line.split("=", 1) for line in printed.splitlines())
    with serve(installation.data) as server:
        server.token = installation.evil
        asked = ["GET /v2/users", "GET /v1/meetings", "GET /api/v1/erasures", "POST /ingest/v1/qos"]

        def answers() -> list[int]:
            grant = app | {"grant_type": "client_credentials"}
            surfaces = [server.answer(request, data="").status for request in asked]
            return surfaces + [server.answer(f"POST {url}", data=grant).status for url in ("/oauth/token", "/v1/access_token")]

        open_answers = answers()
        assert 401 not in open_answers, open_answers
        rollcall(installation.data, "account", "suspend", "evil")
        assert answers() == [401] * 6
        assert server.answer("GET /v2/users", token=installation.acme).status == 200
        assert "suspended" in rollcall(installation.data, "account", "list")
        rollcall(installation.data, "account", "resume", "evil")
        assert answers() == open_answers


@pytest.mark.parametrize("beside_a_server", [False, True])
def test_an_account_is_deleted_whole(hosts: Installation, beside_a_server: bool) -> None:
    data = hosts.data
    sizes = ["--sized", "meeting:3:3", "--sized", "webinar:3:3", "--until", "2026-03-06T18:00:00Z"]
    rollcall(data, "sim", "--into-existing", "--account", "evil", "--seed", "3", "--people", "4", "--days", "2", *sizes)
    rollcall(data, "archive", "seal")
    rollcall(data, "hook", "create", "zoom", "--account", "evil", stdin="a-secret")
    assert list((data / "archive").rglob("*.parquet"))
    said = rollcall(data, "account", "delete", "evil", "--dry-run")
    assert "instances" in said and "tokens" in said
    assert "--yes" in refused(hosts, "account", "delete", "evil")

    def rows_left() -> dict[str, int]:
        left = {}
        with closing(sqlite3.connect(f"file:{data / 'rollcall.db'}?mode=ro", uri=True)) as db:
            (account,) = db.execute("SELECT max(id) FROM accounts WHERE name = 'evil'").fetchone()
            if account is None:
                account = 2
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                columns = [column[1] for column in db.execute(f"PRAGMA table_info({table})")]
                if "account_id" in columns and table != "archive_files":
                    (left[table],) = db.execute(f"SELECT count(*) FROM {table} WHERE account_id = ?", (account,)).fetchone()
        return {table: count for table, count in left.items() if count}

    assert rows_left()
    if beside_a_server:
        with serve(data, ROLLCALL_ARCHIVE_GRACE_SECS="1", ROLLCALL_ARCHIVE_ROUND_SECS="1") as server:
            server.token = hosts.evil
            assert server.answer("GET /v2/users").status == 200
            rollcall(data, "account", "delete", "evil", "--yes")
            assert server.answer("GET /v2/users").status == 401
            deadline = time.time() + 60
            while "evil" in rollcall(data, "account", "list"):
                assert time.time() < deadline, rows_left()
                time.sleep(1)
            assert server.answer("GET /v2/users", token=hosts.acme).body["users"]
    else:
        report = rollcall(data, "account", "delete", "evil", "--yes")
        assert "deleted account evil" in report, report
    assert rows_left() == {} and not list((data / "archive").rglob("*.parquet"))
    assert "acme" in rollcall(data, "account", "list")
