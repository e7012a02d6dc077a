#!/usr/bin/env python3
# Reads JSON that is built like the sample
# Reads standard input.
# Needs Python 3.10 or later.

import json
import sys
from typing import NoReturn, TypedDict, get_args, get_origin, get_type_hints, is_typeddict


class AnswerRow(TypedDict, total=False):
    id: int
    note: str


Owner = TypedDict(
    "Owner",
    {
        "id": str,
        "class": object,
    },
    total=False,
)


Answer = TypedDict(
    "Answer",
    {
        "id": int,
        "2nd-name": str,
        "class": bool,
        "mean": float,
        "tags": list[str],
        "grid": list[list[int]],
        "owner": Owner,
        "rows": list[AnswerRow],
        "userName": str,
        "user_name": str,
    },
    total=False,
)


def fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(1)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def show(place: str, value: object, kind: object) -> None:
    """Prints each value of a type on its own line, and nothing for absent values."""
    if is_typeddict(kind):
        if isinstance(value, dict):
            for name, member in get_type_hints(kind).items():
                show(f"{place}.{escaped(name)}" if place else escaped(name), value.get(name), member)
    elif get_origin(kind) is list:
        if isinstance(value, list):
            for index, element in enumerate(value):
                show(f"{place}[{index}]", element, *get_args(kind))
    elif isinstance(value, bool):
        print(f"{place}: {'true' if value else 'false'}")
    elif isinstance(value, float):
        print(f"{place}: {value:.15g}")
    elif isinstance(value, (dict, list)):
        print(f"{place}: {escaped(json.dumps(value, ensure_ascii=False))}")
    elif value is not None:
        print(f"{place}: {escaped(str(value))}")


def read_sample() -> Answer:
    """Parses standard input."""
    try:
        return json.load(sys.stdin)
    except ValueError as error:
        fail(f"standard input is not JSON ({error})")


def main() -> None:
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    show("", read_sample(), Answer)


if __name__ == "__main__":
    main()
