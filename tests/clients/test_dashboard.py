"""The dashboard in a browser, in front of the demo: `web/e2e` has the tests, since their browser's library is a package of npm."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from browser import CHROMIUM
from server import Server

WEB = Path(__file__).resolve().parents[2] / "web"
BUILT = WEB / "dist" / "dashboard" / "index.html"
SECONDS = 900

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: see make setup"),
    pytest.mark.skipif(not BUILT.exists(), reason="the dashboard is not built: see make web"),
    pytest.mark.skipif(not (WEB / "node_modules" / "playwright-core").exists(), reason="packages of npm are missing: see make web"),
]


def test_the_dashboard_in_a_browser(demo: Server) -> None:
    node = shutil.which("node")
    assert node is not None, "make needs Node"
    environment = os.environ | {"DASHBOARD_URL": demo.url, "DASHBOARD_TOKEN": demo.token, "CHROMIUM": str(CHROMIUM)}
    tests = sorted(str(file) for file in (WEB / "e2e").glob("*.test.js"))
    done = subprocess.run([node, "--test", *tests], cwd=WEB, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-20_000:]
