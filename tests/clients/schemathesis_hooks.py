"""What Schemathesis needs to know to send the server's own kinds of bodies."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """A text is a body as it stands."""
    return value if isinstance(value, bytes) else str(value).encode()
