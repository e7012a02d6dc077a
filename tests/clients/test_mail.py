"""Subscriptions: a real SMTP server receives mails of the real binary, and Python's MIME parser reads them.

The mail server is aiosmtpd. It can refuse, close or stall, and in one test asks for STARTTLS and a password.
"""

import csv
import email
import email.policy
import io
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server import Server, begin, rollcall, serve

FROM = "Rollcall <rollcall@example.com>"
PUBLIC_URL = "https://rollcall.example.com"
PASSWORD = "correct horse battery"
EVIL = '<script>alert(1)</script>"\r\nBcc: eve@example.com'
PATIENCE_SECONDS = 40


@dataclass
class Mailroom:
    """What the mail server got, and how it answers."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answer: str | None = None
    passwords: list[bytes] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 Message accepted for delivery"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, credentials: Any) -> AuthResult:
        self.passwords.append(credentials.password)
        return AuthResult(success=True)

    def mail(self, number: int = 1) -> EmailMessage:
        """The mail with this number, once it has come."""
        wait(lambda: len(self.envelopes) >= number)
        content = self.envelopes[number - 1].content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert not message.defects
        return message


@contextmanager
def mailroom(**options: Any) -> Iterator[Mailroom]:
    room = Mailroom()
    if options:
        options["authenticator"] = room.authenticate
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        room.port = free.getsockname()[1]
    controller = Controller(room, hostname="127.0.0.1", port=room.port, **options)
    controller.start()
    try:
        yield room
    finally:
        controller.stop()


def wait(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)


@contextmanager
def sending(folder: Path, port: int, **environment: str) -> Iterator[Server]:
    """A server that sends through this port, with an account whose data is meant to break mails."""
    data = folder / "data"
    begin(data, "acme")
    settings = {
        "ROLLCALL_MAIL_SERVER": "127.0.0.1",
        "ROLLCALL_MAIL_PORT": str(port),
        "ROLLCALL_MAIL_TLS": "none",
        "ROLLCALL_MAIL_FROM": FROM,
        "ROLLCALL_SERVER_PUBLIC_URL": PUBLIC_URL,
    }
    with serve(data, **(settings | environment)) as server:
        server.token = rollcall(data, "token", "create", "--scopes", "all")
        for user, name in [("1", "Zoë"), ("2", '=HYPERLINK("http://evil.example")'), ("3", EVIL)]:
            line = {
                "instance_uuid": "gm8s9L+PTEC+FG3sFbd1Cw==", "meeting_id": 123456789, "state": "past", "topic": "All hands",
                "user_id": user, "user_name": name, "join_time": "2026-10-01T09:00:00Z",
            }
            server.ask("POST /ingest/v1/participants", json=line, headers={"Content-Type": "application/x-ndjson"})
        yield server


def join(server: Server, address: str, *options: str) -> requests.Session:
    """A member who signs in."""
    link = re.search(r"https?://\S+#(\S+)", rollcall(server.data, "member", "invite", address, *options))
    assert link
    session = requests.Session()
    body = {"email": address, "name": "Ana Souza", "password": PASSWORD}
    answer = session.post(f"{server.url}/api/v1/invitations/{link[1]}", json=body, headers={"Origin": PUBLIC_URL})
    assert answer.status_code == 201, answer.text
    return session


QUERY = "SELECT user_id, user_name FROM participants WHERE join_time < ? ORDER BY user_id"


def subscribe(server: Server, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "Joins in Łódź", "email": "ana@example.com", "query": QUERY, "values": [{"ago": "0h"}],
        "view": "/people?last=7d", "every": "week", "weekday": "monday", "hour": 8, "time_zone": "Europe/Paris",
    }
    found: dict[str, Any] = server.ask("POST /api/v1/subscriptions", 201, json=body | changes)
    return found


def send(server: Server, subscription: dict[str, Any]) -> None:
    server.ask(f"POST /api/v1/subscriptions/{subscription['id']}/send", 202)


def state(server: Server, subscription: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = server.ask(f"GET /api/v1/subscriptions/{subscription['id']}")
    return found


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


def attachment(message: EmailMessage) -> EmailMessage:
    [found] = message.iter_attachments()
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_has_the_views_rows_its_csv_and_a_way_out(tmp_path: Path) -> None:
    with mailroom() as room, sending(tmp_path, room.port) as server:
        join(server, "ana@example.com", "--role", "analyst")
        made = subscribe(server)
        send(server, made)
        message = room.mail()
        assert room.envelopes[0].rcpt_tos == ["ana@example.com"]
        assert room.envelopes[0].mail_from == "rollcall@example.com"
        assert message["Subject"] == "Joins in Łódź"
        assert (message["From"], message["To"]) == (FROM, "Ana Souza <ana@example.com>")
        assert message["Auto-Submitted"] == "auto-generated" and message["Message-ID"].endswith("@example.com>")
        assert message["Bcc"] is None and message["Cc"] is None

        plain, html = part(message, "plain"), part(message, "html")
        for text in [plain, html]:
            assert "3 rows" in text and "Zoë" in text and f"{PUBLIC_URL}/people?last=7d" in text.replace("&#x2f;", "/")
        assert "<script" not in html and "&lt;script&gt;" in html

        # The same bytes as the view's own CSV.
        body = {"query": QUERY, "values": ["2099-01-01T00:00:00Z"]}
        accept = {"Authorization": f"Bearer {server.token}", "Accept": "text/csv"}
        own = requests.post(f"{server.url}/api/v1/sql", json=body, headers=accept, timeout=30).content
        attached = attachment(message)
        assert (attached.get_filename(), attached.get_content_type()) == ("joins-in-d.csv", "text/csv")
        assert attached.get_payload(decode=True) == own
        rows = list(csv.reader(io.StringIO(own.decode())))
        assert rows[0] == ["user_id", "user_name"] and rows[2][1].startswith("'=HYPERLINK")

        wait(lambda: state(server, made)["last_sent_at"])
        assert state(server, made)["next_at"] == made["next_at"]

        # RFC 8058: the mail program posts, without a session and without opening the link.
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(rf"<{PUBLIC_URL}(/unsubscribe/\S+)>", message["List-Unsubscribe"].replace(" ", ""))
        assert link and link[1] in plain
        assert requests.get(server.url + link[1], timeout=30).status_code == 200
        assert state(server, made)["paused"] is None
        done = requests.post(server.url + link[1], data={"List-Unsubscribe": "One-Click"}, timeout=30)
        assert done.status_code == 200 and "You are unsubscribed" in done.text
        assert state(server, made)["paused"] == "unsubscribed"
        server.ask(f"POST /api/v1/subscriptions/{made['id']}/send", 409)
        assert len(room.envelopes) == 1


def test_what_a_member_may_not_see_is_not_mailed(tmp_path: Path) -> None:
    with mailroom() as room, sending(tmp_path, room.port) as server:
        join(server, "boss@example.com", "--role", "administrator")
        join(server, "ana@example.com", "--role", "analyst")
        made = subscribe(server)
        send(server, made)
        assert "Zoë" in part(room.mail(), "plain")
        [ana] = [one for one in server.ask("GET /api/v1/members")["members"] if one["email"] == "ana@example.com"]
        server.ask(f"PATCH /api/v1/members/{ana['id']}", 204, json={"role": "viewer", "names_hidden": True})
        wait(lambda: state(server, made)["last_sent_at"])
        send(server, made)
        hidden = room.mail(2)
        assert "Zoë" not in part(hidden, "plain") and b"Zo" not in attachment(hidden).get_payload(decode=True)
        server.ask(f"DELETE /api/v1/members/{ana['id']}", 204)
        send(server, made)
        wait(lambda: state(server, made)["paused"] == "member_gone")
        assert len(room.envelopes) == 2


def test_a_header_is_not_injected_and_a_stranger_gets_nothing(tmp_path: Path) -> None:
    with mailroom() as room, sending(tmp_path, room.port) as server:
        join(server, "ana@example.com", "--role", "analyst")
        for changes in [{"name": "x\r\nBcc: eve@example.com"}, {"email": "eve@example.com"}, {"email": "ana@example.com\r\nBcc: e@e.e"}]:
            body = {"name": "x", "email": "ana@example.com", "query": "SELECT 1", "every": "day", "hour": 8, "time_zone": "UTC"}
            server.ask("POST /api/v1/subscriptions", 400, json=body | changes)
        made = subscribe(server, name='"Quality" <eve@example.com>, \u2028 =?utf-8?q?Bcc?=', query="SELECT ? AS name", values=[EVIL])
        send(server, made)
        message = room.mail()
        assert room.envelopes[0].rcpt_tos == ["ana@example.com"]
        assert [name for name in message.keys() if name.lower() == "bcc"] == []
        assert "eve@example.com" in message["Subject"] and len(message.get_all("Subject", [])) == 1


def test_a_large_result_is_a_link(tmp_path: Path) -> None:
    with mailroom() as room, sending(tmp_path, room.port) as server:
        join(server, "ana@example.com", "--role", "analyst")
        rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) SELECT i, hex(zeroblob(40)) AS text FROM n"
        made = subscribe(server, query=rows, values=[])
        send(server, made)
        message = room.mail()
        assert list(message.iter_attachments()) == []
        assert "not attached" in part(message, "plain") and len(message.as_bytes()) < 30_000


def test_a_server_that_refuses_or_is_gone_is_said_and_retried(tmp_path: Path) -> None:
    with mailroom() as room, sending(tmp_path, room.port) as server:
        join(server, "ana@example.com", "--role", "analyst")
        made = subscribe(server)
        room.answer = "550 5.1.1 No such user here"
        send(server, made)
        wait(lambda: "No such user" in (state(server, made)["problem"] or ""))
        assert (state(server, made)["paused"], state(server, made)["next_at"]) == (None, made["next_at"])
        room.answer = "451 4.3.0 Try again later"
        send(server, made)
        wait(lambda: "Try again" in (state(server, made)["problem"] or ""))
        soon = datetime.fromisoformat(state(server, made)["next_at"]) - datetime.now(timezone.utc)
        assert timedelta(0) < soon <= timedelta(seconds=60)
        room.answer = None
        send(server, made)
        room.mail()
        wait(lambda: state(server, made)["last_sent_at"])
        assert state(server, made)["problem"] is None


@pytest.mark.parametrize(("closes", "told"), [(True, "mail server"), (False, "did not answer within 20 seconds")])
def test_a_server_that_closes_or_stalls_is_said(tmp_path: Path, closes: bool, told: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with sending(tmp_path, listener.getsockname()[1]) as server:
            join(server, "ana@example.com", "--role", "analyst")
            made = subscribe(server)
            send(server, made)
            connection, _ = listener.accept()
            if closes:
                connection.close()
            wait(lambda: told in (state(server, made)["problem"] or ""))
            assert state(server, made)["last_sent_at"] is None
            connection.close()


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and a certificate of localhost with its key, as files."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ["Test authority", "localhost"]]
    now = datetime.now(timezone.utc)

    def sign(index: int) -> bytes:
        builder = x509.CertificateBuilder().subject_name(names[index]).issuer_name(names[0]).public_key(keys[index].public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        builder = builder.add_extension(x509.BasicConstraints(ca=index == 0, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        return builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    files = folder / "authority.pem", folder / "cert.pem", folder / "key.pem"
    no_password = serialization.NoEncryption()
    key = keys[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
    for file, content in zip(files, [sign(0), sign(1), key], strict=True):
        file.write_bytes(content)
    return files


def test_the_password_goes_only_through_a_connection_to_a_server_with_a_valid_certificate(tmp_path: Path) -> None:
    authority, cert_file, key_file = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    (tmp_path / "password").write_text("s3cret\n")
    settings = {
        "ROLLCALL_MAIL_SERVER": "localhost", "ROLLCALL_MAIL_TLS": "starttls", "ROLLCALL_MAIL_USER": "rollcall",
        "ROLLCALL_MAIL_PASSWORD_FILE": str(tmp_path / "password"),
    }
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    for trusted in [False, True]:
        folder = tmp_path / str(trusted)
        folder.mkdir()
        trust = {"SSL_CERT_FILE": str(authority)} if trusted else {}
        with mailroom(**options) as room, sending(folder, room.port, **settings, **trust) as server:
            join(server, "ana@example.com", "--role", "analyst")
            made = subscribe(server)
            send(server, made)
            if trusted:
                assert room.mail()["Subject"] == "Joins in Łódź" and room.passwords == [b"s3cret"]
            else:
                wait(lambda: "certificate" in (state(server, made)["problem"] or "").lower())
                assert (room.envelopes, room.passwords) == ([], [])
            assert "s3cret" not in (folder / "data.log").read_text()
