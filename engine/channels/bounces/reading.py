"""What a mail that came to a bounce address says: a failure, a delay, a complaint, or nothing.

RFC 3464 (delivery status), RFC 5965 (complaints of readers, ARF), RFC 3834 (answering machines).
Whoever may write to the address may write anything, so a report counts only for a message whose
signed address or unguessable id it shows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from engine.channels.bounces.address import BounceAddresses
from engine.channels.bounces.findings import Finding, finding_in
from engine.channels.bounces.parts import (
    UNDECODABLE,
    Fields,
    Mail,
    Part,
    Unreadable,
    fields,
    leaves,
    parse,
    value,
    values,
)
from engine.channels.reports import Report

# Headers in which a mail server says to which address it delivered, and those it was written to.
_TO: Final = (
    *("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To"),
    *("To", "Cc", "Resent-To"),
)
_OUR_MESSAGE: Final = re.compile(r"<([0-9a-f]{32})@[^<>\s]{1,253}>", re.IGNORECASE)
_RETURNED: Final = frozenset({"message/rfc822", "text/rfc822-headers", "message/global"})
# A clock that is wrong, or a lie: no older than a server goes on trying.
_OLDEST: Final = timedelta(days=30)


class Kind(StrEnum):
    """`forged`: the address was not made by us. `not_ours`: about no message of ours. `other`: no
    report at all, such as an answer by hand. `unreadable`: no mail, or one made to do harm."""

    REPORT = "report"
    AUTO_REPLY = "auto_reply"
    FORGED = "forged"
    NOT_OURS = "not_ours"
    OTHER = "other"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Letter:
    """What was read: `report` with the kind of that name and with no other."""

    kind: Kind
    report: Report | None = None


def read(raw: bytes, addresses: BounceAddresses | None, now: datetime) -> Letter:
    """Read one mail as it came in; never raises for what is in it.

    The same mail gives the same report, also when it comes by another way.
    """
    try:
        return _read(parse(raw), addresses, now)
    except (Unreadable, *UNDECODABLE):
        # whoever may write to the address chose every byte, and what one mail holds must not keep
        # those after it from being read
        return Letter(Kind.UNREADABLE)


def _read(mail: Mail, addresses: BounceAddresses | None, now: datetime) -> Letter:
    parts = list(leaves(mail))
    found = finding_in(mail, parts)
    if found is None:
        return Letter(Kind.OTHER)
    if found.what is None:
        return Letter(Kind.AUTO_REPLY)
    key, forged = _message(mail, parts, addresses)
    if key is None:
        return Letter(Kind.FORGED if forged else Kind.NOT_OURS)
    return Letter(Kind.REPORT, _report(mail, key, found, now))


def _report(mail: Mail, key: str, found: Finding, now: datetime) -> Report:
    assert found.what is not None
    mark = value(mail, "Message-ID") or value(mail, "Date")
    told = "\n".join((key, found.what, found.code or "", mark))
    return Report(
        id=hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:40],
        provider_key=key,
        what=found.what,
        at=_moment(mail, now),
        code=found.code,
        bounce=found.bounce,
    )


def _message(
    mail: Mail, parts: Sequence[Part], addresses: BounceAddresses | None
) -> tuple[str | None, bool]:
    """Our id of the message it is about, and whether an address was forged."""
    forged = False
    if addresses is not None:
        for text in _places(mail, parts):
            for key in addresses.keys_in(text):
                if key is not None:
                    return key, forged
                forged = True
    for text in _mentions(mail, parts):
        match = _OUR_MESSAGE.search(text)
        if match:
            return match[1].lower(), forged
    return None, forged


def _places(mail: Mail, parts: Sequence[Part]) -> Iterator[str]:
    """Where an address of ours may stand: what it came to, and what the lost mail came from."""
    yield from values(mail, *_TO)
    for group in _reported(parts, "message/feedback-report"):
        yield group.get("original-mail-from", "")
    for group in _returned(parts):
        yield group.get("return-path", "")


def _mentions(mail: Mail, parts: Sequence[Part]) -> Iterator[str]:
    for group in _returned(parts):
        yield group.get("message-id", "")
    yield from values(mail, "In-Reply-To", "References")


def _returned(parts: Sequence[Part]) -> Iterator[Fields]:
    for part in parts:
        if part.kind in _RETURNED:
            yield from fields(part.text)[:1]


def _reported(parts: Sequence[Part], kind: str) -> Iterator[Fields]:
    for part in parts:
        if part.kind == kind:
            yield from fields(part.text)


def _moment(mail: Mail, now: datetime) -> datetime:
    try:
        said = parsedate_to_datetime(value(mail, "Date"))
    except (ValueError, IndexError, TypeError, OverflowError):
        return now
    if said.tzinfo is None:
        said = said.replace(tzinfo=UTC)
    try:
        return max(min(said.astimezone(UTC), now), now - _OLDEST)
    except OverflowError:
        return now
