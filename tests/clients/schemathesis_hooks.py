"""Teaches Schemathesis to send the server's own content types."""

from typing import Any

import schemathesis
from schemathesis.core import NotSet


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Sends a text unchanged as the body."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Sends an NDJSON body as text, whatever it was before: no value can have a wrong type."""
    return case.media_type != "application/x-ndjson" or isinstance(case.body, str | bytes | NotSet)
