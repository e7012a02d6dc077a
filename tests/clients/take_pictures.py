"""Takes screenshots of the demo's pages for the documentation: take_pictures.py FOLDER

`make pictures` runs it. Each page is shown in the light and the dark colour scheme, and some also at the width of a phone.
"""

import asyncio
import base64
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from browser import CHROMIUM, Tab, chromium
from server import serve

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


PAGES = [
    Page("start", "/", phone=True),
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


async def take_all(debugger: str, url: str, folder: Path) -> None:
    async with aiohttp.ClientSession() as session:
        for page in PAGES:
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
            asyncio.run(take_all(debugger, server.url, folder))


if __name__ == "__main__":
    main()
