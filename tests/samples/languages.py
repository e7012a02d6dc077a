"""How generated programs are compiled and run. One row for each language of `rollcall generate --list-languages`."""

import importlib.util
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
GSON = "/usr/share/java/gson.jar"


def dotnet() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a C# program is compiled and run. Debian has no .NET, and PyPI the runtime alone: Mono's compiler makes the
    program with the runtime's own libraries."""
    found = importlib.util.find_spec("dotnetcore2")
    root = Path(found.submodule_search_locations[0]) / "bin" if found and found.submodule_search_locations else Path()
    folder = root.glob("shared/Microsoft.NETCore.App/*/System*.dll")
    libraries = sorted(str(path) for path in folder if "WindowsRuntime" not in path.name)
    compiler = ("mcs", "-nostdlib", "-noconfig", "-langversion:latest", "-out:OUT.dll")
    runner = (str(root / "dotnet"), "exec", "--runtimeconfig", str(HERE / "runtimeconfig.json"), "OUT.dll")
    return (*compiler, *(f"-r:{path}" for path in libraries), "FILE"), runner


@dataclass(frozen=True)
class Language:
    """A language of generated programs. In commands, FILE stands for the program and OUT for a place beside it."""

    id: str
    extension: str
    run: tuple[str, ...]
    compile: tuple[str, ...] = ()


LANGUAGES = [
    Language("curl", "sh", ("bash", "FILE")),
    Language("python", "py", ("python3", "FILE")),
    Language("javascript", "mjs", ("node", "FILE")),
    # Checked strictly; the result is what Node runs when it strips the types itself.
    Language(
        "typescript",
        "mts",
        ("node", "DIR/sample.mjs"),
        compile=(
            "sh",
            "-c",
            'tsc --strict --target es2022 --module nodenext --typeRoots "$(npm root -g)/@types" --types node FILE',
        ),
    ),
    Language("go", "go", ("OUT",), compile=("go", "build", "-o", "OUT", "FILE")),
    Language("rust", "rs", ("OUT",), compile=(str(HERE / "rust" / "build"), "FILE", "OUT")),
    Language("java", "java", ("java", "-cp", f"{GSON}:DIR", "Sample"), compile=("javac", "-cp", GSON, "-d", "DIR", "FILE")),
    Language("csharp", "cs", dotnet()[1], compile=dotnet()[0]),
    Language("ruby", "rb", ("ruby", "-w", "FILE")),
    Language("c", "c", ("OUT",), compile=("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", "OUT", "FILE", "-lcurl", "-ljansson")),
    Language("lua", "lua", ("lua5.4", "FILE")),
    Language("r", "r", ("Rscript", "FILE")),
    Language("tcl", "tcl", ("tclsh", "FILE")),
    Language("php", "php", ("php", "FILE")),
    Language("perl", "pl", ("perl", "FILE")),
    Language("pascal", "pas", ("OUT",), compile=("fpc", "-v0", "-oOUT", "FILE")),
]


def chosen() -> list[Language]:
    """Those that SAMPLE_LANGUAGES names, in its order; all if it is not set."""
    named = os.environ.get("SAMPLE_LANGUAGES", "").split()
    by_id = {language.id: language for language in LANGUAGES}
    return [by_id[name] for name in named] or LANGUAGES


@cache
def is_installed(language_id: str) -> bool:
    """Whether the toolchain of a language is installed, by the table of `scripts/setup`."""
    return subprocess.run([HERE.parents[1] / "scripts" / "setup", "--check", language_id], check=False).returncode == 0
