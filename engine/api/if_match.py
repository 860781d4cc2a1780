"""ETags: an edit names what it was made to, so that nobody undoes another's change unseen."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Header

from engine.errors import CadenzaError

_TAG: Final = re.compile(r'"([!#-~]{1,200})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=210,
        description="The ETag of what you have read, or * for whatever is there now.",
    ),
]


class PreconditionRequired(CadenzaError):
    """An edit must say what it was made to."""

    code = "precondition_required"


def quoted(tag: str) -> str:
    return f'"{tag}"'


def tag_in(header: str | None) -> str:
    """The tag, or "*"; a text that is no tag fits nothing. Raises PreconditionRequired."""
    if header is None:
        raise PreconditionRequired("Nothing was changed: send If-Match with the ETag you have.")
    header = header.strip()
    found = _TAG.fullmatch(header)
    if header == "*" or found is None:
        return header if header == "*" else "?"
    return found[1]
