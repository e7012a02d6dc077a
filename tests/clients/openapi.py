"""OpenAPI documents as tests read them: the schema of an operation's response, and the fields that it can have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

Json = Any
METHODS = ("get", "post", "put", "delete", "patch")


def field_of(path: list[str | int]) -> str:
    """A field's name, without list positions: `participants[].user_qos[].date_time`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def said(value: Json, path: str = "") -> Iterator[str]:
    """The fields that have a value in a body; blank texts and empty lists do not count."""
    if isinstance(value, dict):
        for key, member in value.items():
            if member not in ("", [], {}):
                name = f"{path}.{key}".removeprefix(".")
                yield name
                yield from said(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from said(member, f"{path}[]")


@dataclass
class Document:
    """An OpenAPI document whose paths are relative to `base`."""

    json: Json
    base: str = ""
    _validators: dict[tuple[str, int], Draft202012Validator] = field(default_factory=dict)

    @cached_property
    def operations(self) -> dict[str, Json]:
        return {
            f"{method.upper()} {self.base}{path}": operation
            for path, item in self.json["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }

    def schema(self, operation: str, status: int) -> Json | None:
        """The schema of a JSON response; None if the document has none."""
        response = self.operations.get(operation, {}).get("responses", {}).get(str(status), {})
        content: dict[str, Json] = response.get("content", {})
        media = next((media for name, media in content.items() if name.startswith("application/json")), {})
        return media.get("schema")

    def errors(self, operation: str, status: int, body: Json) -> list[ValidationError]:
        """All errors in a JSON response. The keywords in use mean the same in OpenAPI 3.0 and 3.1."""
        key = (operation, status)
        if key not in self._validators:
            schema = {"allOf": [self.schema(*key)], "components": self.json.get("components", {})}
            self._validators[key] = Draft202012Validator(schema, validate_formats=True)
        return list(self._validators[key].iter_errors(body))

    def fields(self, schema: Json, path: str = "") -> Iterator[str]:
        """All fields that a schema names."""
        if "$ref" in schema:
            target = self.json
            for key in schema["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            yield from self.fields(target, path)
        for part in schema.get("allOf", []) + schema.get("oneOf", []) + schema.get("anyOf", []):
            yield from self.fields(part, path)
        for key, member in schema.get("properties", {}).items():
            name = f"{path}.{key}".removeprefix(".")
            yield name
            yield from self.fields(member, name)
        if "items" in schema:
            yield from self.fields(schema["items"], f"{path}[]")

    def example(self, schema: Json) -> Json:
        """A body that consists of the examples of a schema's properties."""
        if "allOf" in schema or "properties" in schema:
            members: dict[str, Json] = {}
            for part in schema.get("allOf", []):
                members |= self.example(part)
            return members | {key: self.example(member) for key, member in schema.get("properties", {}).items()}
        if schema.get("type") == "array":
            return [self.example(schema["items"])]
        return schema["example"]
