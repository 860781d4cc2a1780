"""What a call of another system may say, checked while the flow is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from engine.flows.problems import Code, SettingProblem, did_you_mean, shown
from engine.json_path import clash, is_path
from engine.reachable import is_public, url_problem
from engine.rules import Catalogue, Fact, RuleRefused
from engine.rules.expressions import Expression, compile_expression
from engine.steps.contact_fields import complaint, writable_fields
from engine.steps.field_types import refused

# Written by us: what they say must be true, and who calls must not be mistaken.
_OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}
    | {"keep-alive", "proxy-authorization", "proxy-connection", "expect", "accept-encoding"}
    | {"idempotency-key", "webhook-id", "webhook-timestamp", "webhook-signature"}
)
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_VALUE: Final = re.compile(r"[\x20-\x7e]{0,500}")
_SECRET: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
# How names end by which systems ask for a key.
_KEYS: Final = re.compile(
    r"(?:^|[-._])(?:(?:access|account|admin|api|app|application|auth|client|functions|license|master"
    r"|private|secret|service|shared|subscription)[-._]?key|[a-z]*token|[a-z]*secret|password"
    r"|passwd|pwd|cookie|auth|authorization|credentials?|signature|sig|jwt)$"
)
LONGEST_KEPT: Final = 1_000
_KEEP: Final = (
    "keep it with `cadenza hook secret set` and send it as a header, written {secret: NAME}."
)


def _address(value: str) -> str:
    trouble = url_problem(value)
    if trouble is not None:
        # an address with a password in it is not repeated
        named = "the address" if "@" in value else shown(value)
        raise refused(Code.BAD_VALUE, f"{named} {trouble}")
    for name, _ in parse_qsl(urlsplit(value).query, keep_blank_values=True):
        _refuse_key_in_query(name)
    return value


def _refuse_key_in_query(name: str) -> None:
    if is_key(name) or name.lower() == "key":
        message = f"a flow holds no secrets, and addresses are logged on their way; {_KEEP}"
        raise refused(Code.BAD_VALUE, f"{shown(name)} looks like one: {message}")


def _query(values: dict[str, Any]) -> dict[str, Any]:
    for name, document in values.items():
        # what is worked out from the contact's facts is no secret of a system
        if not isinstance(document, dict):
            _refuse_key_in_query(name)
    return _paths(values)


def is_key(name: str) -> bool:
    """Whether a header or parameter of this name is where systems expect a secret."""
    return _KEYS.search(name.lower()) is not None


def _headers(values: dict[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        if name.lower() in _OURS:
            raise refused(Code.BAD_VALUE, f"the header {name} is written by Cadenza; leave it out.")
        if not _HEADER.fullmatch(name):
            raise refused(Code.BAD_VALUE, f"{shown(name)} cannot be sent as a header.")
        if isinstance(value, dict) and list(value) == ["secret"]:
            _secret_name(str(value["secret"]))
        elif is_key(name):
            raise refused(Code.BAD_VALUE, f"{shown(name)}: a flow holds no secrets; {_KEEP}")
        elif not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise refused(Code.BAD_VALUE, f"{shown(name)} cannot be sent as a header.")
    return values


def plain_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if isinstance(value, str)}


def secret_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Names of headers with the names of the kept secrets they carry."""
    return {name: value["secret"] for name, value in headers.items() if isinstance(value, dict)}


def is_read_on_its_way(url: str) -> bool:
    """Whether others may read what is sent there: by http, and not to a machine of one's own that
    is called by its number."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return False
    try:
        return is_public(ip_address(parts.hostname or ""))
    except ValueError:
        return parts.hostname != "localhost"


def _secret_name(value: str) -> str:
    if not _SECRET.fullmatch(value) or value.startswith("whsec_"):
        message = "is no name of a secret; write the name, never the secret itself."
        raise refused(Code.BAD_NAME, f"this {message}")
    return value


def _paths(values: dict[str, Any]) -> dict[str, Any]:
    for path in values:
        if not is_path(path):
            raise refused(Code.BAD_NAME, f"{shown(path)} is no name such as customer.id.")
    if (one := clash(list(values))) is not None:
        raise refused(Code.BAD_VALUE, f"{shown(one)} lies inside a value of another name.")
    return values


def _places(values: dict[str, str]) -> dict[str, str]:
    for path in values.values():
        if not is_path(path):
            raise refused(Code.BAD_VALUE, f"{shown(path)} is no place such as data.id.")
    return values


WebAddress = Annotated[str, Field(strict=True, max_length=2_000), AfterValidator(_address)]
Headers = Annotated[dict[str, Any], Field(max_length=20), AfterValidator(_headers)]
SecretName = Annotated[str, Field(strict=True), AfterValidator(_secret_name)]
Values = Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_paths)]
Query = Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_query)]
Expected = Annotated[dict[str, Any], Field(max_length=10), AfterValidator(_paths)]
Kept = Annotated[dict[str, str], Field(max_length=10), AfterValidator(_places)]


def expressions(values: Mapping[str, Any], prefix: str, catalogue: Catalogue) -> dict[str, Any]:
    """Ready to be worked out, by `prefix` and name. Raises RuleRefused."""
    return {f"{prefix}{name}": _expression(one, catalogue) for name, one in values.items()}


def _expression(document: Any, catalogue: Catalogue) -> Expression:
    return compile_expression(document, catalogue)


def kept_fields(kept: Mapping[str, str], catalogue: Catalogue) -> dict[str, Fact]:
    """Raises KeyError for a field that is gone."""
    fields = writable_fields(catalogue)
    return {name: fields[name] for name in kept}


def why_not_kept(field: Fact, value: Any) -> str | None:
    """What keeps a value of an answer out of the field, to follow its name; None when it fits."""
    if isinstance(value, str) and len(value) > LONGEST_KEPT:
        return f"takes at most {LONGEST_KEPT} characters."
    return complaint(field, value)


def request_problems(settings: Mapping[str, Any], catalogue: Catalogue) -> list[SettingProblem]:
    """What only the catalogue can tell of `body`, `query` and `keep`; never raises."""
    problems: list[SettingProblem] = []
    for key in ("body", "query"):
        values = settings.get(key)
        for name, document in values.items() if isinstance(values, dict) else ():
            try:
                compile_expression(document, catalogue)
            except RuleRefused as wrong:
                problems += [
                    SettingProblem((key, name, *_path(found.pointer)), Code.BAD_RULE, str(found))
                    for found in wrong.problems
                ]
    kept = settings.get("keep")
    fields = writable_fields(catalogue)
    for name in kept if isinstance(kept, dict) else ():
        if name not in fields:
            message = f'a flow cannot write the field "{name}"; {did_you_mean(name, fields)}'
            problems.append(SettingProblem(("keep", name), Code.UNKNOWN_FIELD, message))
    return problems


def _path(pointer: str) -> tuple[str | int, ...]:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdecimal() else part for part in parts)
