"""A server with more than a page of everything, and with texts that break careless programs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "clients"))

from server import App, Server, rollcall, serve  # noqa: E402

from languages import chosen, is_installed  # noqa: E402
from programs import Programs  # noqa: E402

# The webinar whose people have names that break careless programs.
WEBINAR = 123456789
NAMES = [
    'Ann "Bee" O\'Neil',
    "two\nlines\r\nand a tab\t.",
    "😀 👩‍👩‍👧 🇺🇦",
    "שרה כהן (מארחת)",
    "فاطمة حسن",
    "王小龙 & Søn",
    "\\n is no line end, \\\\ is two",
    "$HOME ${x} $(id) `id` #{x} %s {{x}}",
    "</script><!-- ]]> --> ?>",
    "null",
    "true",
    "e\u0301 \u202eright-to-left\u202c \u200bzero",
    " blanks around ",
    "'''\"\"\"",
    "[exit] {unbalanced",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "language" in metafunc.fixturenames:
        missing = pytest.mark.skip(reason="the toolchain is not installed: make setup")
        languages = [
            pytest.param(language, id=language.id, marks=[] if is_installed(language.id) else [missing])
            for language in chosen()
        ]
        metafunc.parametrize("language", languages, scope="session")


def participants() -> list[dict[str, Any]]:
    return [
        {
            "id": f"id{n}",
            "user_id": str(16778240 + n),
            "user_name": NAMES[n % len(NAMES)],
            "device": "Windows",
            "location": NAMES[(n + 3) % len(NAMES)],
            "join_time": f"2026-11-10T10:{n // 60:02}:{n % 60:02}Z",
            "leave_time": "2026-11-10T11:00:00Z",
            "share_desktop": n % 2 == 0,
            "recording": False,
            "leave_reason": f"{NAMES[n % len(NAMES)]} left the webinar.<br>Reason: Host ended the meeting.",
        }
        for n in range(65)
    ]


def minutes(participant: dict[str, Any], count: int) -> dict[str, Any]:
    measured = {"bitrate": "23.5 kbps", "latency": "126 ms", "jitter": "6 ms", "avg_loss": "0.3%", "max_loss": "1.9%"}
    blank = dict.fromkeys(measured, "")
    rows = [
        {"date_time": f"2026-11-10T10:{minute:02}:00Z", "audio_input": measured, "audio_output": blank}
        for minute in range(count)
    ]
    return participant | {"user_qos": rows}


def recordings() -> Iterator[tuple[str, Any]]:
    """Requests, and their expected responses."""
    people = participants()
    metrics = f"GET /v2/metrics/webinars/{WEBINAR}"
    yield f"{metrics}/participants?type=past", {"participants": people}
    yield f"{metrics}/participants/qos?type=past", {"participants": [minutes(one, 3) for one in people[:25]]}
    sources = [
        {"id": str(n), "source_name": name, "visitor_count": n, "registration_count": 1, "tracking_url": ""}
        for n, name in enumerate(dict.fromkeys(name.strip() for name in NAMES))
    ]
    yield f"GET /v2/webinars/{WEBINAR}/tracking_sources", {"total_records": len(sources), "tracking_sources": sources}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("samples") / "data"
    lines = (json.dumps({"request": request, "response": response}) for request, response in recordings())
    rollcall(data, "import", "-", stdin="\n".join(lines))
    world = ["--people", "40", "--days", "6", "--meetings-per-day", "6", "--webinars-per-week", "3", "--seed", "7"]
    rollcall(data, "sim", "--into-existing", *world, "--webinar-attendees", "35")
    with serve(data) as server:
        server.token = rollcall(data, "token", "create", "--scopes", "all")
        yield server


@pytest.fixture(scope="session")
def app(server: Server) -> App:
    return App.create(server.data, "--name", "samples", "--scopes", "all")


@pytest.fixture(scope="session")
def programs(server: Server, app: App, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    folder = tmp_path_factory.mktemp("programs")
    for surface in ("zoom", "webex"):
        (folder / f"{surface}.json").write_text(json.dumps(server.ask(f"GET /openapi/{surface}.json")))
    return Programs(folder, server, app)
