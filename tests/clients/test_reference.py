"""The reference in a browser: what it shows and sends, which hosts it contacts, and how it fits on narrow screens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from browser import CHROMIUM, Tab, chromium
from server import Server

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: see make setup")

# The page of an operation that needs no parameters.
LIST_USERS = "#zoom/tag/users/GET/v2/users"

# How scripts in the page wait.
UNTIL = """
const until = async (what) => {
    for (let tries = 0; tries < 300; tries++) {
        const found = what();
        if (found) return found;
        await new Promise((resume) => setTimeout(resume, 100));
    }
    throw new Error(`timed out waiting: ${what}`);
};
const all = (selector, words) => [...document.querySelectorAll(selector)].filter((one) => words.test(one.textContent.trim()));
"""


def script(body: str) -> str:
    return f"(async () => {{ {UNTIL} {body} }})()"


@pytest.fixture(scope="module")
def debugger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chromium(tmp_path_factory.mktemp("browser")) as address:
        yield address


def drive(debugger: str, address: str, steps: Callable[[Tab], Awaitable[Any]], width: int = 1400) -> list[Any]:
    """Opens a page, runs the steps, and returns everything that the browser reported meanwhile."""

    async def run() -> list[Any]:
        async with aiohttp.ClientSession() as session:
            tab = await Tab.open(session, debugger)
            for domain in ("Network", "Log", "Runtime", "Page"):
                await tab.command(f"{domain}.enable")
            metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600}
            await tab.command("Emulation.setDeviceMetricsOverride", **metrics)
            await tab.command("Page.navigate", url=address)
            await tab.run(script("await until(() => document.readyState === 'complete')"))
            await steps(tab)
            await tab.command("Page.close")
            return tab.events

    return asyncio.run(run())


def requests(events: list[Any]) -> list[str]:
    sent = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return [url for url in sent if urlsplit(url).scheme not in ("data", "blob")]


def complaints(events: list[Any]) -> list[Any]:
    """The problems that the browser reported: exceptions, errors, violations of the page's policy."""
    logged = [event["params"]["entry"] for event in events if event["method"] == "Log.entryAdded"]
    thrown = [event["params"] for event in events if event["method"] == "Runtime.exceptionThrown"]
    return [entry for entry in logged if entry["level"] == "error"] + thrown


def test_the_reference_is_shown_and_asks_this_server_only(demo: Server, debugger: str) -> None:
    async def look(tab: Tab) -> None:
        await tab.run(script("await until(() => all('h1, h2', /Rollcall: Zoom REST API/).length)"))
        for surface in ("Webex", "Rollcall"):
            opened = f"all('button', /^(Zoom|Webex)$/)[0].click(); (await until(() => all('[role=menuitem], [role=option], li', /^{surface}$/)[0])).click();"
            await tab.run(script(opened))
            title = {"Webex": "Rollcall: Webex REST API", "Rollcall": "Rollcall"}[surface]
            await tab.run(script(f"await until(() => all('h1', /^{title}$/).length)"))

    events = drive(debugger, f"{demo.url}/reference", look)
    assert {urlsplit(url).netloc for url in requests(events)} == {urlsplit(demo.url).netloc}
    for surface in ("zoom", "webex", "rollcall"):
        assert f"{demo.url}/openapi/{surface}.json" in requests(events)
    assert not complaints(events)


def test_a_request_is_tried_with_the_demo_token(demo: Server, debugger: str) -> None:
    async def look(tab: Tab) -> None:
        await tab.run(
            script("""
            const shown = () => all("button", /Test Request/).find((one) => all("h2, h3", /List users/)
                .some((title) => title.closest("section, .section")?.contains(one)));
            (await until(shown)).click();
            (await until(() => all("button", /^Send/)[0])).click();
            await until(() => all("a, span, div", /^200 OK$/).length);
            """)
        )

    events = drive(debugger, f"{demo.url}/reference{LIST_USERS}", look)
    answers = [event["params"]["response"] for event in events if event["method"] == "Network.responseReceived"]
    asked = [answer for answer in answers if urlsplit(answer["url"]).path == "/v2/users"]
    assert [answer["status"] for answer in asked] == [200], answers
    assert {urlsplit(url).netloc for url in requests(events)} == {urlsplit(demo.url).netloc}
    assert not complaints(events)


def test_programs_in_every_language_stand_with_an_operation(demo: Server, debugger: str) -> None:
    found: dict[str, Any] = {}

    async def look(tab: Tab) -> None:
        found["programs"] = await tab.run(
            script("""
            const shown = () => [...document.querySelectorAll(".programs")].find((one) => all("h2, h3", /List users/)
                .some((title) => title.closest("section, .section")?.contains(one)));
            const programs = await until(shown);
            programs.querySelector("summary").click();
            const select = await until(() => programs.querySelector("select"));
            const seen = [];
            for (const option of [...select.options].map((one) => one.value)) {
                select.value = option;
                select.dispatchEvent(new Event("change"));
                await until(() => programs.querySelector("a").getAttribute("href") === option);
                seen.push([option, programs.querySelector("pre").textContent]);
            }
            return seen;
            """)
        )

    events = drive(debugger, f"{demo.url}/reference{LIST_USERS}", look)
    assert len(found["programs"]) >= 7
    for address, program in found["programs"]:
        assert address.startswith("/reference/zoom/list-users/") and "/v2/users" in program, address
    assert len({program for _, program in found["programs"]}) == len(found["programs"])
    assert not complaints(events)


@pytest.mark.parametrize(
    "path", ["pages", "zoom", "zoom/get-webinar-participants", "zoom/get-webinar-participants/tcl", "tools", "downloads"]
)
def test_a_plain_page_fits_a_narrow_screen_and_loads_its_style_and_one_script(path: str, demo: Server, debugger: str) -> None:
    async def look(tab: Tab) -> None:
        widths = await tab.run("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1] == 360, widths

    events = drive(debugger, f"{demo.url}/reference/{path}", look, width=360)
    loaded = {f"{demo.url}/reference/{file}" for file in (path, "style.css", "copy.js")}
    assert set(requests(events)) == loaded
    assert not complaints(events)


def test_the_demo_token_opens_the_demo_and_takes_nothing_in(demo: Server) -> None:
    given = demo.ask("POST /reference/demo-token", token="")
    assert demo.ask("POST /reference/demo-token", token="")["access_token"] == given["access_token"], "it is shared"
    assert 0 < given["expires_in"] <= 3600
    demo.ask("GET /v2/users", token=given["access_token"])
    demo.ask("POST /ingest/v1/participants", status=403, token=given["access_token"], data="")
