"""What somebody sent with a page's button, within bounds."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request

MAX_BODY_BYTES = 8_192
MOST_FIELDS = 200


async def form_of(request: Request, most: int = MAX_BODY_BYTES) -> dict[str, list[str]]:
    """The fields; none where the body is no form, or larger than one of ours can be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return {}
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
