"""Generated programs: written by the real binary, compiled and run as users do; and their expected output."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from languages import Language
from server import BINARY, App, Server

RUN_SECONDS = 300


@dataclass
class Run:
    """A program's exit status and output."""

    status: int
    stdout: str
    stderr: str

    def good(self) -> list[str]:
        """The lines of a program that succeeded."""
        assert self.status == 0, self.stderr
        return self.stdout.split("\n")[:-1]


@dataclass
class Programs:
    """A folder of descriptions and of programs made from them."""

    folder: Path
    server: Server
    app: App
    count: int = field(default=0)

    def generate(self, language: Language, description: str, operation: str, **parameters: str) -> Path:
        """The program for an operation of a description in the folder, with these parameters set."""
        command = [str(BINARY), "generate", "--from", str(self.folder / description), "--operation", operation]
        command += ["--language", language.id]
        for name, value in parameters.items():
            command += ["--set", f"{name}={value}"]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        self.count += 1
        folder = self.folder / f"{self.count}_{language.id}"
        folder.mkdir()
        # Some languages require the file to have the name of its class.
        program = folder / f"{'Sample' if language.id in ('java', 'csharp') else 'sample'}.{language.extension}"
        program.write_bytes(done.stdout)
        return program

    def run(self, language: Language, program: Path, stdin: str = "", url: str = "") -> Run:
        """Compiles the program if necessary, and runs it."""
        filled = {"FILE": str(program), "OUT": str(program.parent / "program"), "DIR": str(program.parent)}

        def command(words: tuple[str, ...]) -> list[str]:
            for name, value in filled.items():
                words = tuple(word.replace(name, value) for word in words)
            return list(words)

        environment = os.environ | {
            "API_BASE_URL": url or self.server.url,
            "API_TOKEN": self.server.token,
            "API_CLIENT_ID": self.app.client_id,
            "API_CLIENT_SECRET": self.app.client_secret,
        }
        # A program that reads a form's secrets finds them; the machine's locale must not matter.
        environment |= {"LC_ALL": "C.UTF-8"}
        if language.compile:
            built = subprocess.run(
                command(language.compile), capture_output=True, text=True, cwd=program.parent, env=environment, check=False
            )
            assert built.returncode == 0, f"{program}: {built.stdout}{built.stderr}"
        done = subprocess.run(
            command(language.run),
            input=stdin.encode(),
            capture_output=True,
            cwd=program.parent,
            env=environment,
            timeout=RUN_SECONDS,
            check=False,
        )
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def lines_of(value: Any, place: str = "") -> Iterator[str]:
    """The expected output of a program for a response, in the response's order."""
    if isinstance(value, dict):
        for name, member in value.items():
            name = one_line(name)
            yield from lines_of(member, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from lines_of(element, f"{place}[{index}]")
    elif isinstance(value, bool):
        yield f"{place}: {'true' if value else 'false'}"
    elif isinstance(value, float):
        yield f"{place}: {value:.15g}"
    elif value is not None:
        yield f"{place}: {one_line(str(value))}"


def lines_of_pages(pages: list[dict[str, Any]]) -> Iterator[str]:
    """The same for the pages of a list, whose rows are numbered across pages."""
    shown: Counter[str] = Counter()
    for page in pages:
        for name, member in page.items():
            if isinstance(member, list):
                for index, element in enumerate(member, shown[name]):
                    yield from lines_of(element, f"{one_line(name)}[{index}]")
                shown[name] += len(member)
            else:
                yield from lines_of(member, one_line(name))
