"""Programs with values that break readers: null anywhere, large integers, trees, missing bodies."""

import json
from typing import Any

import pytest

from languages import Language
from programs import Programs, lines_of
from test_conversation import program as list_program
from test_conversation import vendor

# Integers that do not fit into a double, or into a signed or unsigned 64-bit word.
LARGE = {
    "id": 9007199254740993,
    "least": -9223372036854775808,
    "most": 9223372036854775807,
    "unsigned": 17307661572205707265,
    "beyond": 123456789012345678901234567890,
    "list": [1, 9007199254740993],
    "text": "9007199254740993, \"-9007199254740993\" \\",
}


def read(programs: Programs, language: Language, sample: object, value: object = ...):
    """The output for a value of a program that is generated from a sample."""
    (programs.folder / "value.json").write_text(json.dumps(sample))
    written = programs.generate(language, "value.json", "sample")
    return programs.run(language, written, stdin=json.dumps(sample if value is ... else value))


def test_large_integers_are_exact(language: Language, programs: Programs) -> None:
    assert read(programs, language, LARGE).good() == list(lines_of(LARGE))


def test_an_integer_that_does_not_fit_is_exact_or_named(language: Language, programs: Programs) -> None:
    sample = {"id": 1, "list": [1]}
    value = {"id": 17307661572205707265, "list": [1]}
    run = read(programs, language, sample, value)
    if run.status == 0:
        assert run.good() == list(lines_of(value))
    else:
        assert "17307661572205707265" in run.stderr, run.stderr


SAMPLE = {"a": {"b": {"c": 1}}, "users": [{"id": "a", "tags": ["x"], "boss": {"id": 1}}], "grid": [[1.5]], "on": True}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"a": None, "users": None, "grid": None, "on": None},
        {"a": {"b": None}, "users": [None, {"id": None, "tags": None, "boss": None}], "grid": [None]},
        {"a": {"b": {"c": None}}, "users": [{"id": "a", "tags": [None, "x"]}, None, {"id": "b"}], "grid": [[None, 2.5]]},
        {"a": "", "users": "", "grid": ["", [1.5]], "on": False},
        {"users": ["x", 1, [], {"id": "c"}]},
    ],
    ids=str,
)
def test_null_anywhere(language: Language, programs: Programs, value: Any) -> None:
    run = read(programs, language, SAMPLE, value)
    known = [line for line in lines_of(value) if known_in_sample(line)]
    assert run.good() == known


def known_in_sample(line: str) -> bool:
    """Whether a line belongs to a path of the sample."""
    place = line.split(": ")[0]
    is_member = place.startswith("users[") and "]." in place
    return place.startswith(("a.", "grid[")) and not line.endswith(": ") or is_member or place == "on"


def test_a_tree_ends_in_json(language: Language, programs: Programs) -> None:
    folder = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "parent": {"$ref": "#/components/schemas/Folder"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Folder"}},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Folder"}}}
    operation = {"operationId": "tree", "responses": {"200": {"description": "", "content": content}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/tree": {"get": operation}},
        "components": {"schemas": {"Folder": folder}},
    }
    (programs.folder / "tree.json").write_text(json.dumps(document))
    child = {"id": 2, "children": [{"id": 9007199254740993, "name": "é \"x\" \\"}]}
    with vendor() as far:
        far.answers = [lambda: (200, {}, json.dumps({"id": 1, "parent": None, "children": [child, None]}))]
        printed = programs.run(language, programs.generate(language, "tree.json", "tree"), url=far.url).good()
    assert printed[0] == "id: 1" and len(printed) == 2, printed
    place, text = printed[1].split(": ", 1)
    inner = json.loads(text.replace("\\\\", "\\"))
    # A number that a language cannot represent may be a text.
    inner["children"][0]["id"] = int(inner["children"][0]["id"])
    assert (place, inner) == ("children[0]", child)


def test_a_refusal_without_a_body(language: Language, programs: Programs) -> None:
    for status in (401, 404, 503):
        with vendor() as far:
            far.answers = [lambda status=status: (status, {}, "")]
            run = programs.run(language, list_program(programs, language, name="x"), url=far.url)
        assert run.status != 0 and run.stdout == "" and f"HTTP {status}" in run.stderr, run


def test_an_answer_without_a_body(language: Language, programs: Programs) -> None:
    line = "curl -X DELETE https://api.example.com/users/7"
    (programs.folder / "delete.txt").write_text(line)
    with vendor() as far:
        far.answers = [lambda: (204, {}, "")]
        run = programs.run(language, programs.generate(language, "delete.txt", "delete_users_7"), url=far.url)
    assert run.good() == []


def test_a_server_that_does_not_answer(language: Language, programs: Programs) -> None:
    written = list_program(programs, language, name="x")
    text = written.read_text()
    assert text.count("60") >= 1
    # One second is enough to see that it stops.
    written.write_text(text.replace("60000", "1000").replace("ofSeconds(60)", "ofSeconds(1)").replace("60 * time", "1 * time")
                       .replace("FromSeconds(60)", "FromSeconds(1)").replace("= 60", "= 1").replace("=60", "=1")
                       .replace("<- 60", "<- 1").replace("=> 60", "=> 1").replace("seconds 60", "seconds 1")
                       .replace("SECONDS 60L", "SECONDS 1L"))
    with vendor(stalls=True) as far:
        run = programs.run(language, written, url=far.url)
    assert run.status != 0 and run.stdout == "" and run.stderr, run
