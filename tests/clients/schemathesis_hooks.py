"""What Schemathesis needs to know to send the server's own kinds of bodies."""

from typing import Any

import schemathesis
from schemathesis.core import NotSet


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """A text is a body as it stands."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Whatever a body of lines was before, it is sent as text: no value can have a wrong type."""
    return case.media_type != "application/x-ndjson" or isinstance(case.body, str | bytes | NotSet)
