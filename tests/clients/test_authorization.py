"""The authorization code grant, with a published OAuth client, a browser, and the operator's commands."""

import asyncio
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import requests
from oauthlib.oauth2 import InvalidGrantError, OAuth2Error
from requests_oauthlib import OAuth2Session

from browser import CHROMIUM, Tab, chromium
from server import REPOSITORY, App, Server, rollcall

CALLBACK = "http://127.0.0.1:9/oauth"
SCOPES = "user:read:admin meeting:read:admin spark-admin:people_read spark:people_read user:read"
BLOCKS = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Surface:
    """A vendor's addresses: authorize, token, and one that a token opens."""

    authorize: str
    token: str
    open: str


ZOOM = Surface("/oauth/authorize", "/oauth/token", "/v2/users/me")
WEBEX = Surface("/v1/authorize", "/v1/access_token", "/v1/people/me")


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client refuses plain HTTP otherwise."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")


@pytest.fixture(scope="module")
def client(demo: Server) -> App:
    return App.create(
        demo.data, "--account", "demo", "--name", "Team dashboard", "--scopes", SCOPES, "--redirect-uri", CALLBACK
    )


@pytest.fixture(scope="module")
def user(demo: Server) -> dict[str, str]:
    """A user of the demo."""
    return demo.ask("GET /v2/users?page_size=1")["users"][0]


def operate(server: Server, *arguments: str) -> str:
    """A command of the operator for the demo's account."""
    return rollcall(server.data, "app", *arguments, "--account", "demo")


def begin(server: Server, surface: Surface, session: OAuth2Session) -> tuple[requests.Session, requests.Response, str]:
    """Opens the app's link in a browser: the browser, the page, and the code that it shows."""
    link, _ = session.authorization_url(server.url + surface.authorize)
    browser = requests.Session()
    page = browser.get(link, timeout=30)
    assert page.status_code == 200, page.text
    [code] = re.findall(r"<strong>([A-Z]{4}-[A-Z]{4})</strong>", page.text)
    return browser, page, code


def reload(browser: requests.Session, page: requests.Response) -> requests.Response:
    return browser.get(page.url, timeout=30, allow_redirects=False)


@pytest.mark.parametrize("surface", [ZOOM, WEBEX], ids=["zoom", "webex"])
def test_an_oauth_client_gets_tokens_after_the_approval(
    demo: Server, client: App, user: dict[str, str], surface: Surface
) -> None:
    session = OAuth2Session(client.client_id, redirect_uri=CALLBACK, pkce="S256")
    browser, page, code = begin(demo, surface, session)
    assert code in operate(demo, "requests") and "Team dashboard asks for access" in page.text
    assert reload(browser, page).status_code == 200, "it waits"

    approved = operate(demo, "approve", code.lower(), "--user", user["email"])
    assert approved == f"approved: Team dashboard ({client.client_id}) acts for user {user['id']} and returns to 127.0.0.1:9"
    assert code not in operate(demo, "requests")
    back = reload(browser, page)
    assert back.status_code == 303
    arguments = {"client_secret": client.client_secret, "include_client_id": True}
    granted = session.fetch_token(demo.url + surface.token, authorization_response=back.headers["location"], **arguments)
    assert session.get(demo.url + surface.open, timeout=30).json()["id"]
    next_one = session.refresh_token(
        demo.url + surface.token, client_id=client.client_id, client_secret=client.client_secret
    )
    assert next_one["access_token"] != granted["access_token"]
    assert session.get(demo.url + surface.open, timeout=30).status_code == 200

    if surface is ZOOM:
        me = session.get(demo.url + ZOOM.open, timeout=30).json()
        assert me["id"] == user["id"]
        basic = (client.client_id, client.client_secret)
        revoked = requests.post(demo.url + "/oauth/revoke", {"token": next_one["access_token"]}, auth=basic, timeout=30)
        assert revoked.json() == {"status": "success"}
        assert session.get(demo.url + ZOOM.open, timeout=30).status_code == 401


def test_a_client_without_a_secret_proves_itself_by_pkce(demo: Server, user: dict[str, str]) -> None:
    printed = operate(demo, "create", "--name", "Desktop", "--scopes", "user:read", "--public", "--redirect-uri", CALLBACK)
    [client_id] = re.findall(r"^client_id=(.*)$", printed, re.MULTILINE)
    session = OAuth2Session(client_id, redirect_uri=CALLBACK, pkce="S256")
    browser, page, code = begin(demo, ZOOM, session)
    assert "--user ADDRESS" in page.text
    with pytest.raises(AssertionError, match="add --user"):
        operate(demo, "approve", code)
    operate(demo, "approve", code, "--user", user["id"])
    back = reload(browser, page).headers["location"]
    thief = OAuth2Session(client_id, redirect_uri=CALLBACK, state=parse_qs(urlsplit(back).query)["state"][0])
    with pytest.raises(InvalidGrantError):
        thief.fetch_token(demo.url + ZOOM.token, authorization_response=back, include_client_id=True)
    session.fetch_token(demo.url + ZOOM.token, authorization_response=back, include_client_id=True)
    assert session.get(demo.url + ZOOM.open, timeout=30).json()["id"] == user["id"]
    session.refresh_token(demo.url + ZOOM.token, client_id=client_id)
    assert session.get(demo.url + ZOOM.open, timeout=30).status_code == 200


def test_a_denied_client_is_told_so(demo: Server, client: App) -> None:
    session = OAuth2Session(client.client_id, redirect_uri=CALLBACK, pkce="S256")
    browser, page, code = begin(demo, ZOOM, session)
    assert operate(demo, "deny", code) == "denied: Team dashboard"
    with pytest.raises(OAuth2Error, match="access_denied"):
        session.fetch_token(demo.url + ZOOM.token, authorization_response=reload(browser, page).headers["location"])


def test_the_documented_commands_run(demo: Server, user: dict[str, str]) -> None:
    """Each command of the section, with the codes of two requests and a user of the demo."""
    document = (REPOSITORY / "docs" / "operations.md").read_text()
    section = document.split("## Apps that act for a user\n")[1].split("\n## ")[0]
    [create, decide] = BLOCKS.findall(section)
    [line] = create.splitlines()
    printed = operate(demo, *shlex.split(line)[2:])
    [client_id] = re.findall(r"^client_id=(.*)$", printed, re.MULTILINE)
    session = OAuth2Session(client_id, redirect_uri="https://app.example/oauth")
    codes = [begin(demo, ZOOM, session)[2] for _ in range(2)]
    for line in decide.splitlines():
        for documented, real in zip(["BCDF-GHJK", "LMNP-QRST", "ann@example.com"], [*codes, user["email"]], strict=True):
            line = line.replace(documented, real)
        printed = operate(demo, *shlex.split(line)[2:])
        assert printed


def test_no_secret_of_an_authorization_is_logged(demo: Server, client: App, user: dict[str, str]) -> None:
    session = OAuth2Session(client.client_id, redirect_uri=CALLBACK, pkce="S256")
    browser, page, code = begin(demo, ZOOM, session)
    [cookie] = browser.cookies
    operate(demo, "approve", code, "--user", user["id"])
    back = reload(browser, page).headers["location"]
    assert not browser.cookies, "the cookie was deleted"
    granted = session.fetch_token(demo.url + ZOOM.token, authorization_response=back, client_secret=client.client_secret)
    log = demo.data.with_suffix(".log").read_text()
    secrets = [cookie.value, parse_qs(urlsplit(back).query)["code"][0], client.client_secret, session._state]
    for secret in [*secrets, granted["access_token"], granted["refresh_token"]]:
        assert secret and secret not in log


@pytest.fixture
def callback() -> Iterator[tuple[str, list[str]]]:
    """An app that waits for the browser: its redirect URI, and the paths that were opened."""
    opened: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            opened.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Welcome back")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/oauth", opened
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_a_browser_without_javascript_returns_by_itself(
    demo: Server, callback: tuple[str, list[str]], tmp_path: Path
) -> None:
    uri, opened = callback
    app = App.create(demo.data, "--account", "demo", "--name", "Team dashboard", "--redirect-uri", uri)
    session = OAuth2Session(app.client_id, redirect_uri=uri, pkce="S256")
    link, _ = session.authorization_url(demo.url + ZOOM.authorize)

    async def browse() -> None:
        with chromium(tmp_path) as debugger:
            async with aiohttp.ClientSession() as http:
                tab = await Tab.open(http, debugger)
                await tab.command("Emulation.setScriptExecutionDisabled", value=True)
                await tab.command("Page.enable")
                await tab.command("Page.navigate", url=link)
                # The debugger still runs expressions.
                for _ in range(50):
                    text = await tab.run("document.body ? document.body.innerText : ''")
                    if code := re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", text):
                        break
                    await asyncio.sleep(0.2)
                assert code, text
                wide = await tab.run("document.documentElement.scrollWidth <= innerWidth")
                assert wide, "the page does not scroll sideways"
                await asyncio.to_thread(operate, demo, "approve", code[0])
                for _ in range(100):
                    if [path for path in opened if path.startswith("/oauth?code=")]:
                        return
                    await asyncio.sleep(0.2)
                raise AssertionError(f"the browser did not return: {opened}")

    asyncio.run(browse())
    [back] = [path for path in opened if path.startswith("/oauth?code=")]
    session.fetch_token(demo.url + ZOOM.token, authorization_response=uri + back[6:], client_secret=app.client_secret)
    assert session.get(demo.url + "/v2/users", timeout=30).status_code == 200
