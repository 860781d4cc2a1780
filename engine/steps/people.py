"""Which of our own people a step means: the contact's owner, somebody by name, a role, a team."""

from __future__ import annotations

import re
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field

from engine.flows.mentions import Mention
from engine.flows.problems import Code, Path, did_you_mean, shown
from engine.steps.field_types import refused

ROLES: Final = ("admin", "marketer", "sales_manager", "rep", "service", "viewer")
OWNER, MANAGER = "owner", "manager"
_ADDRESS: Final = re.compile(r"[^@\s\x00]+@[^@\s\x00]+")


class Addressee(NamedTuple):
    """`kind` is "owner", "manager", "user", "role" or "team"; `value` says which of the kind."""

    kind: str
    value: str = ""


def addressee(text: str) -> Addressee:
    """What a checked text means."""
    kind, separator, value = text.partition(":")
    if separator and kind in ("role", "team"):
        return Addressee(kind, value.strip())
    return Addressee(text) if text in (OWNER, MANAGER) else Addressee("user", text)


def mentioned(text: str, path: Path) -> tuple[Mention, ...]:
    """The team that must exist, if it is one."""
    meant = addressee(text)
    return (Mention("team", meant.value, path),) if meant.kind == "team" else ()


def _people(value: str) -> str:
    kind, separator, name = value.partition(":")
    if value in (OWNER, MANAGER) or _ADDRESS.fullmatch(value):
        return value
    if separator and kind == "role":
        if name.strip() in ROLES:
            return value
        message = f"there is no role {shown(name)}; {did_you_mean(name, ROLES)}"
        raise refused(Code.UNKNOWN_PERSON, message)
    if separator and kind == "team" and name.strip() and "\0" not in name:
        return value
    raise refused(
        Code.UNKNOWN_PERSON,
        f'{shown(value)} is nobody; write "owner", "manager" (of the owner), the e-mail address of '
        'a user, "role:<role>" or "team:<name>".',
    )


People = Annotated[str, Field(strict=True, max_length=320), AfterValidator(_people)]

PEOPLE_EN: Final = (
    'Who: "owner", "manager" (the owner\'s), an e-mail address, "role:…" or "team:…".'
)
PEOPLE_ZH: Final = "“owner”（负责人）、“manager”（负责人的主管）、邮箱、“role:…” 或 “team:…”。"
