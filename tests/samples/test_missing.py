"""A missing library is named, with the package that contains it."""

import subprocess

import pytest

from languages import LANGUAGES, chosen
from programs import Programs
from test_conversation import program

BY_ID = {language.id: language for language in LANGUAGES}


@pytest.mark.parametrize(
    ("name", "command", "start", "told"),
    [
        # Without php.ini, no extension is loaded.
        ("php", ["php", "-n"], "", "php-curl"),
        ("tcl", ["tclsh"], "set auto_path {}\n", "tcllib"),
        ("lua", ["lua5.4"], "package.path, package.cpath = '', ''\n", "lua-cjson"),
        ("r", ["Rscript"], "requireNamespace <- function(...) FALSE\n", "R has no package jsonlite"),
        ("curl", ["/bin/bash"], "PATH=\n", "there is no curl"),
    ],
)
def test_a_missing_library_is_named(name: str, command: list[str], start: str, told: str, programs: Programs) -> None:
    if BY_ID[name] not in chosen():
        pytest.skip("not among SAMPLE_LANGUAGES")
    written = program(programs, BY_ID[name], name="x")
    text = written.read_text()
    head, body = text.split("\n", 1) if text.startswith("#!") else ("", text)
    written.write_text(body if not start else f"{head}\n{start}{body}")
    done = subprocess.run([*command, str(written)], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and told in done.stderr + done.stdout, done
