"""Programs for Delphi compile in Free Pascal's Delphi mode. Delphi's own units are declared in `delphi/`."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from languages import Language
from programs import Programs
from test_characters import ALL, item
from test_conversation import LIST

UNITS = Path(__file__).parent / "delphi"
DELPHI = Language("delphi", "dpr", ())


@pytest.mark.skipif(shutil.which("fpc") is None, reason="there is no Free Pascal")
def test_programs_for_delphi_compile(programs: Programs, subtests) -> None:
    sample = {"id": 9007199254740993, "mean": 1.5, "on": True, "any": {}, "rows": [{"a": "x"}, None], "grid": [[1]]}
    form = {"mode": "formdata", "formdata": [{"key": "a", "value": ALL}, {"key": "f", "src": "a.png", "type": "file"}]}
    for name, content in [("sample", sample), ("every", item(form)), ("list", LIST)]:
        (programs.folder / f"{name}.json").write_text(json.dumps(content))
    for document, operation in [
        ("sample.json", "sample"),
        ("every.json", "every"),
        ("list.json", "list"),
        ("zoom.json", "users"),
        ("zoom.json", "createToken"),
        ("zoom.json", "dashboardMeetingParticipantQOS"),
        ("webex.json", "createTrackingCode"),
        ("webex.json", "listMeetings"),
    ]:
        with subtests.test(operation):
            program = programs.generate(DELPHI, document, operation)
            command = ["fpc", "-Mdelphi", "-v0", "-Cn", f"-FU{program.parent}", f"-Fu{UNITS}", str(program)]
            built = subprocess.run(command, capture_output=True, text=True, cwd=program.parent, check=False)
            assert built.returncode == 0, built.stdout + built.stderr
