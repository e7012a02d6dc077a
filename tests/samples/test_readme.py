"""README's "Five minutes", run as written."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from server import BINARY, REPOSITORY, serve

FIRST = "$ make run"


def commands() -> list[str]:
    """The lines after `$` in the section, in their order, with their continuation lines."""
    readme = (REPOSITORY / "README.md").read_text()
    section = readme.split("## Five minutes", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks if not block.startswith(FIRST) for line in block.splitlines()]
    found: list[str] = []
    for line in lines:
        if line.startswith("$ "):
            found.append(line[2:])
        elif found and found[-1].endswith("\\"):
            found[-1] += "\n" + line
    return found


def test_the_five_minutes_run_as_written(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One shell runs all of them, against a demo at another port, and names the first that fails."""
    data = tmp_path / "rollcall-data"
    with serve(data, "--demo") as demo:
        lines = ["set -o pipefail", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
        for command in commands():
            command = command.replace("http://127.0.0.1:8480", demo.url).replace("target/release/rollcall", str(BINARY))
            # The webinar in the text is of another day.
            if command.startswith("WEBINAR="):
                listed = 'api "/v2/metrics/webinars?type=past&from=$(date -d "-7 days" +%F)&to=$(date +%F)"'
                command = f"WEBINAR=$({listed} | jq '[.webinars[] | select(.participants > 5)][0].id')"
            if "participants/16779264/qos" in command:
                lines.append('ID=$(api "/v2/metrics/webinars/$WEBINAR/participants?type=past" | jq -r ".participants[1].user_id")')
                command = command.replace("16779264", "$ID")
            lines.append(command if command.endswith("&") else f"{command} || {{ echo FAILED: {len(lines)} >&2; exit 1; }}")
            if command.endswith("&"):
                lines.append("for i in $(seq 100); do curl -s 127.0.0.1:8481/healthz >/dev/null && break; sleep 0.1; done")
        script = tmp_path / "five-minutes.sh"
        script.write_text("\n".join(lines) + "\n")
        environment = os.environ | {"ROLLCALL_DATA_DIR": str(data), "TZ": "UTC"}
        done = subprocess.run(["bash", str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}{script.read_text()}"
    assert "participants[0].user_name" in done.stdout and '"access_token"' in done.stdout, done.stdout
