"""How generated programs are compiled and run. One row for each language of `rollcall generate --list-languages`."""

import os
from dataclasses import dataclass


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
    # Checked strictly; what comes out is what Node runs when it strips the types itself.
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
    Language("tcl", "tcl", ("tclsh", "FILE")),
    Language("php", "php", ("php", "FILE")),
    Language("perl", "pl", ("perl", "FILE")),
    Language("pascal", "pas", ("OUT",), compile=("fpc", "-v0", "-oOUT", "FILE")),
]


def chosen() -> list[Language]:
    """Those that SAMPLE_LANGUAGES names, in its order; all where it names none."""
    named = os.environ.get("SAMPLE_LANGUAGES", "").split()
    by_id = {language.id: language for language in LANGUAGES}
    return [by_id[name] for name in named] or LANGUAGES
