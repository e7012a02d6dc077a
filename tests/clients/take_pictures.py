"""Takes screenshots of the demo's pages for the documentation: take_pictures.py FOLDER

`make pictures` runs it. Each page is shown in the light and the dark colour scheme, and some also at the width of a phone.
"""

import asyncio
import base64
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp

from browser import CHROMIUM, Tab, chromium
from server import Server, rollcall, serve

# Maximum size of a picture; the quality is reduced until it fits.
MAX_BYTES = 150_000
QUALITIES = (85, 75, 65, 50, 35)

READY = """
(async () => {
    const found = () => document.readyState === "complete" && (%s);
    for (let tries = 0; !found(); tries++) {
        if (tries === 300) throw new Error("timed out waiting for the page");
        await new Promise((resume) => setTimeout(resume, 100));
    }
    await document.fonts.ready;
    await new Promise((resume) => setTimeout(resume, 500));
})()
"""
ALWAYS = "true"

# What a reader might paste into the tools.
CURL = "curl 'https://api.zoom.us/v2/metrics/webinars?type=past&from=2026-11-01&to=2026-11-30' -H 'Authorization: Bearer TOKEN'"
GENERATE = f"""
(() => {{
    const form = [...document.forms].find((form) => form.querySelector("textarea"));
    form.querySelector("textarea").value = {CURL!r};
    const languages = form.querySelector("select");
    languages.value = [...languages.options].find((option) => option.text === "Python").value;
    HTMLFormElement.prototype.submit.call(form);
}})()
"""


@dataclass
class Page:
    """A page: the name of its pictures, its address, a condition for when it is complete, and a script to run then."""

    name: str
    address: str
    ready: str = ALWAYS
    script: str = ""
    ready_again: str = ALWAYS
    phone: bool = False
    height: int = 800


# Views fill in their parts as answers arrive.
SHOWN = "document.querySelector('h1') && performance.now() > 4000"


def views(server: Server) -> list[Page]:
    """The dashboard's views, with what the demo has most of."""

    def first(query: str) -> str:
        rows = server.ask("POST /api/v1/sql", json={"query": query + " LIMIT 1"})["rows"]
        return quote(rows[0][0], safe="")

    trouble = "SELECT instance_uuid FROM participants WHERE audio_quality IN ('poor', 'bad') AND leave_time IS NOT NULL"
    meeting = first(f"{trouble} AND kind = 'meeting' GROUP BY 1 ORDER BY count(*) DESC")
    person = first("SELECT person FROM persons WHERE user_id IS NOT NULL ORDER BY instances DESC")
    webinar = first("SELECT uuid FROM instances WHERE kind = 'webinar' AND state = 'past' ORDER BY participants DESC")
    places = quote("SELECT location, count(*) AS joins, sum(duration_seconds) / 3600 AS hours FROM participants GROUP BY 1 ORDER BY 2 DESC")
    return [
        Page("now", "/now", SHOWN, phone=True),
        Page("meetings", "/meetings", SHOWN),
        Page("meeting", f"/meetings/{meeting}?sort=worst", SHOWN, phone=True),
        Page("person", f"/people/{person}", SHOWN),
        Page("quality", "/quality", SHOWN, phone=True, height=1000),
        Page("webinar", f"/webinars/{webinar}", SHOWN),
        Page("codes", "/codes", SHOWN),
        Page("sql", f"/sql?query={places}", SHOWN),
    ]


PAGES = [
    Page(
        "reference",
        "/reference#zoom/tag/users/GET/v2/users",
        "[...document.querySelectorAll('button')].some((button) => /Test Request/.test(button.textContent))",
    ),
    Page("operation", "/reference/zoom/get-webinar-participants", phone=True),
    Page("tools", "/reference/tools", script=GENERATE, ready_again="document.querySelector('pre')", height=1100),
]


async def take(tab: Tab, page: Page, url: str, scheme: str, width: int, height: int) -> bytes:
    """Opens the page and returns its picture in WebP."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if width < 600 else 1.5, "mobile": width < 600}
    await tab.command("Emulation.setDeviceMetricsOverride", **metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    await tab.command("Emulation.setEmulatedMedia", features=[feature])
    await tab.command("Page.navigate", url=url + page.address)
    await tab.run(READY % page.ready)
    if page.script:
        await tab.run(page.script)
        await asyncio.sleep(1)
        await tab.run(READY % page.ready_again)
    for quality in QUALITIES:
        taken = await tab.command("Page.captureScreenshot", format="webp", quality=quality)
        picture = base64.b64decode(taken["data"])
        if len(picture) <= MAX_BYTES:
            return picture
    raise ValueError(f"{page.name} does not fit into {MAX_BYTES} bytes")


async def take_all(debugger: str, url: str, pages: list[Page], folder: Path) -> None:
    async with aiohttp.ClientSession() as session:
        for page in pages:
            shapes = [("light", 1280, page.height, ""), ("dark", 1280, page.height, "-dark")]
            if page.phone:
                shapes.append(("light", 390, 780, "-phone"))
            for scheme, width, height, suffix in shapes:
                tab = await Tab.open(session, debugger)
                await tab.command("Page.enable")
                picture = await take(tab, page, url, scheme, width, height)
                await tab.command("Page.close")
                path = folder / f"{page.name}{suffix}.webp"
                path.write_bytes(picture)
                print(f"{path}: {len(picture):,} bytes")


def main() -> None:
    if CHROMIUM is None:
        sys.exit("cannot take pictures: chromium is not installed. Run scripts/setup chromium.")
    if len(sys.argv) != 2:
        sys.exit("usage: take_pictures.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, serve(Path(scratch) / "data", "--demo") as server:
        with chromium(Path(scratch), "--hide-scrollbars") as debugger:
            # The quality of past meetings is summed up when they are moved into the archive.
            rollcall(server.data, "archive", "seal")
            asyncio.run(take_all(debugger, server.url, views(server) + PAGES, folder))


if __name__ == "__main__":
    main()
