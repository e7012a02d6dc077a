"""A real call between two pages of headless Chromium: the minutes that Zoom's API returns match what the pages measured.

Chromium's fake devices replace camera and microphone. The pages find each other over a BroadcastChannel, include the
server's own script, and record `getStats()` themselves, as a witness that shares no code with the server.
"""

import asyncio
import functools
import http.server
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import aiohttp
import pytest

from browser import CHROMIUM, Tab, chromium
from server import Server, begin, rollcall, serve

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: see make setup")

UUID = "gm8s9L+PTEC+FG3sFbd1Cw=="
# The least part of each of two minutes that the call lasts.
PART_SECONDS = 12

# Each page is one participant: it plays its part of the call, sends what it measures, and keeps its own record.
PAGE = """<!doctype html><meta charset="utf-8"><title>Call</title>
<script src="SERVER/rollcall.js"></script>
<script>
const me = location.hash.slice(1), channel = new BroadcastChannel("call"), record = [];
const connection = new RTCPeerConnection();
const call = rollcall.start({url: "SERVER", token: "TOKEN", instanceUuid: "UUID", meetingId: 123456789,
    topic: "Two pages", userId: me, userName: "Page " + me, intervalMs: 2000});
call.watch(connection);
connection.onicecandidate = (event) => event.candidate && channel.postMessage({from: me, candidate: event.candidate.toJSON()});
channel.onmessage = async ({data}) => {
    if (data.from === me) return;
    if (data.offer) {
        await ready;
        await connection.setRemoteDescription(data.offer);
        await connection.setLocalDescription(await connection.createAnswer());
        channel.postMessage({from: me, answer: connection.localDescription.toJSON()});
    }
    if (data.answer) await connection.setRemoteDescription(data.answer);
    if (data.candidate) await connection.addIceCandidate(data.candidate).catch(() => {});
};
const ready = (async () => {
    const media = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 480}});
    media.getTracks().forEach((track) => connection.addTrack(track, media));
})();
async function dial() {
    await ready;
    await connection.setLocalDescription(await connection.createOffer());
    channel.postMessage({from: me, offer: connection.localDescription.toJSON()});
}
setInterval(async () => {
    const now = Date.now(), seen = {at: now};
    (await connection.getStats()).forEach((stat) => {
        if (stat.type === "outbound-rtp") {
            seen[stat.kind + "_input"] = {bytes: stat.bytesSent - (stat.retransmittedBytesSent || 0),
                frames: stat.framesEncoded, size: stat.frameWidth + "*" + stat.frameHeight};
        }
        if (stat.type === "inbound-rtp") {
            seen[stat.kind + "_output"] = {bytes: stat.bytesReceived, frames: stat.framesDecoded, jitter: stat.jitter,
                lost: stat.packetsLost, size: stat.frameWidth + "*" + stat.frameHeight};
        }
    });
    record.push(seen);
}, 500);
</script>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("webrtc") / "data"
    begin(data, "calls")
    token = rollcall(data, "token", "create", "--scopes", "ingest:webrtc,dashboard:read:admin")
    with serve(data) as server:
        server.token = token
        yield server


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages' server, an origin of its own."""
    folder = tmp_path_factory.mktemp("site")
    token = rollcall(server.data, "token", "create", "--scopes", "ingest:webrtc")
    page = PAGE.replace("SERVER", server.url).replace("TOKEN", token).replace("UUID", UUID)
    (folder / "call.html").write_text(page)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_address[1]}/call.html"
        pages.shutdown()


@pytest.fixture(scope="module")
def debugger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A browser with a camera and a microphone."""
    arguments = (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-features=WebRtcHideLocalIpsWithMdns",
    )  # fmt: skip
    with chromium(tmp_path_factory.mktemp("browser"), *arguments) as address:
        yield address


async def call(debugger: str, site: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Holds the call across the end of a minute; returns that end, in seconds since 1970, and what each page recorded."""
    async with aiohttp.ClientSession() as session:
        tabs = {}
        for name in ("1", "2"):
            tabs[name] = await Tab.open(session, debugger, f"{site}%23{name}")
        for tab in tabs.values():
            for _ in range(200):
                if await tab.run("typeof ready !== 'undefined'"):
                    break
                await asyncio.sleep(0.1)
            await tab.run("ready")
        await tabs["1"].run("dial()")
        for _ in range(200):
            if all([await tab.run("record.some((one) => one.video_output && one.video_output.frames > 0)") for tab in tabs.values()]):
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail(f"the pages do not see each other: {await tabs['1'].run('connection.connectionState')}")
        begun = time.time()
        boundary = (int(begun + PART_SECONDS) // 60 + 1) * 60
        await asyncio.sleep(boundary + PART_SECONDS - begun)
        records = {name: json.loads(await tab.run("JSON.stringify(record)")) for name, tab in tabs.items()}
        # One page ends its call, the other is closed: the browser sends its beacon.
        await tabs["1"].run("call.leave()")
        await tabs["2"].run("dispatchEvent(new PageTransitionEvent('pagehide'))")
        await asyncio.sleep(1)
        for tab in tabs.values():
            await tab.socket.close()
        return boundary, records


def rate(record: list[dict[str, Any]], stream: str, key: str, begin: float, end: float) -> float | None:
    """How fast a counter grew between two times, as far as it was recorded."""
    noted = [(one["at"], one[stream][key]) for one in record if begin * 1000 <= one["at"] < end * 1000 and stream in one and one[stream].get(key) is not None]
    if len(noted) < 10:
        return None
    (first, from_), (last, to) = noted[0], noted[-1]
    return (to - from_) / (last - first) * 1000


def value(text: str) -> float:
    return float(text.split(" ")[0].rstrip("%"))


def test_a_call_between_two_pages_comes_back_as_they_measured_it(server: Server, site: str, debugger: str) -> None:
    boundary, records = asyncio.run(call(debugger, site))
    path = f"/v2/metrics/meetings/{UUID.replace('/', '%2F')}/participants"
    page = server.ask(f"GET {path}?type=live")
    assert {(one["user_id"], one["user_name"]) for one in page["participants"]} == {("1", "Page 1"), ("2", "Page 2")}
    assert all(one["leave_time"] for one in page["participants"]), page

    for name, record in records.items():
        minutes = {one["date_time"]: one for one in server.ask(f"GET {path}/{name}/qos?type=live")["user_qos"]}
        compared = 0
        for begin in (boundary - 60, boundary):
            shown = datetime.fromtimestamp(begin, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            assert shown in minutes, f"{shown} is not in {list(minutes)}"
            minute = minutes[shown]
            assert "cpu_usage" not in minute and "as_input" not in minute, minute
            for stream in ("audio_input", "audio_output", "video_input", "video_output"):
                measured = minute[stream]
                expected = rate(record, stream, "bytes", begin, begin + 60)
                if expected is None:
                    continue
                compared += 1
                assert value(measured["bitrate"]) * 1000 == pytest.approx(expected * 8, rel=0.2, abs=4000), (shown, stream)
                if measured["latency"]:
                    assert value(measured["latency"]) < 200, measured
                if measured["avg_loss"]:
                    assert value(measured["avg_loss"]) <= value(measured["max_loss"]) <= 100, measured
                if stream.startswith("video"):
                    sizes = {one[stream]["size"] for one in record if stream in one}
                    assert measured["resolution"] in sizes, (measured, sizes)
                    frames = rate(record, stream, "frames", begin, begin + 60)
                    assert frames is not None
                    assert value(measured["frame_rate"]) == pytest.approx(frames, rel=0.2, abs=2), (shown, stream)
            assert minute["audio_output"]["jitter"] != "" and minute["audio_output"]["avg_loss"] != "", minute
        assert compared >= 8, f"{compared} streams were compared"
