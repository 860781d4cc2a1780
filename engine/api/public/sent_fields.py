"""The fields that somebody sent with a form, from each of the ways in which pages and scripts send.

Text by name; of several with one name the first counts. What the form does not ask for is in it
too, and is not looked at.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from engine.api.json_bodies import BadJson, read_json
from engine.api.signed_hooks import content_type_of
from engine.errors import Problem, Refused

JSON: Final = "application/json"
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MOST_FIELDS: Final = 100
LONGEST_NAME: Final = 200
# What browsers allow for a boundary is 70 (RFC 2046, 5.1.1).
_LONGEST_BOUNDARY: Final = 70
_CHARSETS: Final = frozenset({b"utf-8", b"utf8", b"us-ascii"})


class FilesSent(Refused):
    """Forms take words alone."""

    code = "files_sent"


async def fields_of(request: Request) -> Mapping[str, str] | None:
    """None for a body of another type. Raises Refused for one that cannot be taken apart."""
    kind, body = content_type_of(request), await request.body()
    if kind == JSON:
        return _of_json(body)
    if kind == URLENCODED:
        return _of_form(body)
    if kind == MULTIPART:
        return await _of_parts(request.headers["content-type"], body)
    return None


def _of_json(body: bytes) -> dict[str, str]:
    document = read_json(body)
    if not isinstance(document, dict):
        raise BadJson("Send a JSON object.", [Problem("", "not_an_object", "send an object")])
    return {
        name: _text(value)
        for name, value in document.items()
        if isinstance(value, str | int | float | bool)
    }


def _of_form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise _unreadable() from error
    return dict(reversed(pairs))


async def _of_parts(content_type: str, body: bytes) -> dict[str, str]:
    """The body is in memory already and is no larger than the door lets in."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    # other codecs are not even looked up: some that Python knows are no encodings of text
    if options.get(b"charset", b"utf-8").lower() not in _CHARSETS:
        raise _unreadable()
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise _unreadable()
    parser = MultiPartParser(
        Headers({"content-type": content_type}),
        _once(body),
        max_files=MOST_FIELDS,
        max_fields=MOST_FIELDS,
        max_part_size=len(body) + 1,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _unreadable() from error
    found: dict[str, str] = {}
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                _refuse_file(name, value)
            elif len(name) <= LONGEST_NAME:
                found.setdefault(name, value)
    finally:
        await form.close()
    return found


def _refuse_file(name: str, file: UploadFile) -> None:
    """A file input that was left empty comes as a part without name and content, and is nothing."""
    if file.filename or file.size:
        problem = Problem(name[:LONGEST_NAME], "file", "files are not taken; send words alone")
        raise FilesSent("The form was not sent: it takes no files.", [problem])


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _text(value: str | int | float | bool) -> str:
    return ("yes" if value else "") if isinstance(value, bool) else str(value)


def _unreadable() -> Refused:
    problem = Problem("", "bad_form", "the form has too many fields or is not encoded")
    return Refused("The form was not read.", [problem])
