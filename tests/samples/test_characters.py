"""Every character in every part of a request arrives unchanged, in every language."""

import json
from urllib.parse import quote

import pytest

from languages import Language
from programs import Programs
from test_conversation import vendor

# Every printable character of ASCII, and some beyond.
ALL = "".join(map(chr, range(32, 127))) + "é日😀"
# A header may not begin or end with a space, and is limited to Latin 1 in most libraries.
IN_HEADER = "".join(map(chr, range(33, 127)))
ENCODED = quote(ALL, safe="")


def item(body: dict[str, object], **request: object) -> dict[str, object]:
    url = {
        "raw": "https://api.example.com/p/:segment.json",
        "protocol": "https",
        "host": ["api", "example", "com"],
        "path": ["p", ":segment.json"],
        "query": [{"key": "a[b]", "value": ALL}],
        "variable": [{"key": "segment", "value": ALL}],
    }
    header = [{"key": "X-All", "value": IN_HEADER}]
    return {"name": "every", "request": {"method": "POST", "header": header, "url": url, "body": body} | request}


def sent(programs: Programs, language: Language, document: object, name: str = "every", text: bool = False):
    """The request that the program for a document sends."""
    (programs.folder / "every.json").write_text(document if text else json.dumps(document))
    with vendor() as far:
        far.answers = [lambda: (200, {}, "{}")]
        program = programs.generate(language, "every.json", name)
        for file in ("note.txt", "picture.bin"):
            (program.parent / file).write_bytes((programs.folder / file).read_bytes())
        programs.run(language, program, url=far.url).good()
        assert len(far.requests) == 1
        return far.requests[0]


@pytest.fixture(autouse=True)
def files(programs: Programs) -> None:
    (programs.folder / "note.txt").write_text('{"note": "é"}\n')
    (programs.folder / "picture.bin").write_bytes(bytes(range(256)))


def test_every_character_in_path_query_header_and_form(language: Language, programs: Programs) -> None:
    body = {"mode": "urlencoded", "urlencoded": [{"key": "k[]", "value": ALL}]}
    request = sent(programs, language, item(body))
    assert request.path == f"/p/{ENCODED}.json?a%5Bb%5D={ENCODED}"
    assert request.body.decode() == f"k%5B%5D={ENCODED}"
    assert request.headers["x-all"] == IN_HEADER
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")


def test_every_character_in_a_body(language: Language, programs: Programs) -> None:
    text = json.dumps({"all": ALL + "\n\r\t\\n"}, ensure_ascii=False)
    options = {"raw": {"language": "json"}}
    request = sent(programs, language, item({"mode": "raw", "raw": text, "options": options}))
    assert request.body.decode() == text
    assert request.headers["content-type"].startswith("application/json")


def test_a_query_for_graphql(language: Language, programs: Programs) -> None:
    graphql = {"query": "query($id: ID!) {\n  user(id: $id) { name }\n}", "variables": '{"id": 9007199254740993}'}
    request = sent(programs, language, item({"mode": "graphql", "graphql": graphql}))
    assert json.loads(request.body) == graphql | {"variables": {"id": 9007199254740993}}


def test_a_form_in_parts_with_a_file(language: Language, programs: Programs) -> None:
    fields = [
        {"key": 'the "text"', "value": ALL, "type": "text"},
        {"key": "file", "src": "picture.bin", "type": "file", "contentType": "image/png"},
    ]
    request = sent(programs, language, item({"mode": "formdata", "formdata": fields}, method="PUT"))
    kind, boundary = request.headers["content-type"].split("; boundary=")
    assert (request.method, kind) == ("PUT", "multipart/form-data")
    parts = request.body.split(b"--" + boundary.encode())
    assert parts[0] == b"" and parts[3] == b"--\r\n" and len(parts) == 4
    head, text = parts[1].removeprefix(b"\r\n").removesuffix(b"\r\n").split(b"\r\n\r\n", 1)
    assert head == b'Content-Disposition: form-data; name="the %22text%22"'
    assert text.decode() == ALL
    head, content = parts[2].removeprefix(b"\r\n").removesuffix(b"\r\n").split(b"\r\n\r\n", 1)
    assert head == b'Content-Disposition: form-data; name="file"; filename="picture.bin"\r\nContent-Type: image/png'
    assert content == bytes(range(256))


def test_a_file_as_a_body(language: Language, programs: Programs) -> None:
    line = "curl https://api.example.com/notes/12:30/:id -d @note.txt -b session=1 -A reader/2.0 -e https://a.example/"
    request = sent(programs, language, line, "post_notes_12_30_id", text=True)
    assert (request.method, request.path) == ("POST", "/notes/12:30/:id")
    assert request.body.decode() == '{"note": "é"}\n'
    assert request.headers["cookie"] == "session=1"
    assert request.headers["user-agent"] == "reader/2.0"
    assert request.headers["referer"] == "https://a.example/"


def test_lists_and_objects_by_style(language: Language, programs: Programs) -> None:
    values = {"type": "array", "items": {"type": "string"}}

    def parameter(name: str, example: object, **more: object) -> dict[str, object]:
        return {"name": name, "in": "query", "required": True, "schema": values, "example": example} | more

    parameters = [
        parameter("ids", ["first", "second"]),
        parameter("csv", ["x y", "z,w"], explode=False),
        parameter("pipes", ["a", "b"], style="pipeDelimited", explode=False),
        parameter("filter", {"a": 1, "b": ["x", "y"]}, style="deepObject", schema={"type": "object"}),
        {"name": "at", "in": "path", "required": True, "schema": values, "example": ["1/2", "3"]},
    ]
    operation = {"operationId": "every", "parameters": parameters, "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/p/{at}": {"get": operation}}}
    path = sent(programs, language, document).path
    assert path.startswith("/p/1%2F2,3?")
    query = sorted(path.split("?")[1].split("&"))
    assert query == [
        "csv=x%20y,z%2Cw",
        "filter%5Ba%5D=1",
        "filter%5Bb%5D=x",
        "filter%5Bb%5D=y",
        "ids=first",
        "ids=second",
        "pipes=a%7Cb",
    ]


def test_keys_of_an_api_come_from_the_environment(language: Language, programs: Programs, monkeypatch) -> None:
    auth = {"type": "apikey", "apikey": [{"key": "key", "value": "X-Api-Key"}, {"key": "in", "value": "header"}]}
    monkeypatch.setenv("API_X_API_KEY", "a secret")
    request = sent(programs, language, item({"mode": "none"}, auth=auth))
    assert request.headers["x-api-key"] == "a secret"
