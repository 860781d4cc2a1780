"""Addresses and domains that nothing is sent to: kept by people, one by one or as a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import suppressions as rows
from crm_store.base import folded
from crm_store.session import Store
from crm_store.suppressions import SuppressionRow as SuppressionRow
from engine.channels.address import is_address
from engine.errors import NotAllowed, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed, hidden_fields

MANUAL: Final = "manual"
MEDIA: Final = ("email", "sms")
MOST_AT_ONCE: Final = 100_000
_PAGE: Final = 1_000
_MOST_PROBLEMS: Final = 50
_DOMAIN: Final = re.compile(
    r"@?([a-z0-9\u0080-\uffff]([a-z0-9\u0080-\uffff-]{0,62})\.)+[^\s@.]{2,63}"
)
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")
_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Imported:
    """`known` were on the list before."""

    new: int
    known: int


async def suppress(
    session: AsyncSession,
    actor: Actor,
    written: Sequence[str],
    *,
    medium: str = "email",
    reason: str = MANUAL,
    now: datetime,
) -> Imported:
    """Send nothing any more to these addresses, or to everybody at a domain ("example.com").

    It holds from the commit on. Of a single address that is exact, as with consent; of a domain,
    messages that are just being prepared still go. Twice is once. Raises NotAllowed, Refused with
    every one that is neither. Until the transaction ends the people wait, and whoever prepares mail
    to them: a list is for `suppress_list`.
    """
    allowed(actor, "edit", "contact")
    return await _put(session, actor, _read(written, medium, reason), medium, reason, now)


async def suppress_list(
    store: Store,
    actor: Actor,
    written: Sequence[str],
    *,
    medium: str = "email",
    reason: str = MANUAL,
    now: datetime,
    page: int = _PAGE,
) -> Imported:
    """`suppress` for many, a transaction for each page, so that nobody's mail waits for the whole
    list. Mistakes anywhere in it are told before anything is changed; one that was cut off is given
    again."""
    allowed(actor, "edit", "contact")
    keys = _read(written, medium, reason)
    new = 0
    for start in range(0, len(keys), page):
        async with store.transaction() as session:
            some = keys[start : start + page]
            new += (await _put(session, actor, some, medium, reason, now)).new
    return Imported(new, len(keys) - new)


async def _put(
    session: AsyncSession,
    actor: Actor,
    keys: Sequence[str],
    medium: str,
    reason: str,
    now: datetime,
) -> Imported:
    # all of them in one statement: preparing takes people in the same order
    await rows.hold_addresses(session, medium, [key for key in keys if key[0] != "@"])
    new = len(await rows.put_suppressions(session, medium, keys, reason, now))
    # how many, and not who: the log of changes outlives an erased contact
    after = {"medium": medium, "reason": reason, "new": new, "given": len(keys)}
    await audit.record(session, actor, "suppress", "suppression", medium, None, after)
    return Imported(new, len(keys) - new)


async def allow(session: AsyncSession, actor: Actor, written: str, *, medium: str = "email") -> str:
    """Send to an address or domain again; the reason why nobody did. What an erased contact's
    address stands for stays. Raises NotAllowed, NotFound, Refused."""
    allowed(actor, "edit", "contact")
    [key] = _read([written], medium, MANUAL)
    if key[0] != "@":
        await rows.hold_addresses(session, medium, [key])
    reason = await rows.remove_suppression(session, medium, key)
    if reason is None:
        raise NotFound(f'"{written[:80]}" is not on the list for {medium}.')
    before = {"medium": medium, "reason": reason}
    await audit.record(session, actor, "allow", "suppression", medium, before, None)
    return reason


async def suppressions(
    session: AsyncSession,
    actor: Actor,
    *,
    medium: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 500,
    search: str = "",
) -> list[SuppressionRow]:
    """The list by medium and address; for the next page give the last one's as `after`. `search` is
    a part of the address, whatever its capitals. Who is not shown numbers has the list of e-mail
    addresses. Raises NotAllowed, for who is not shown those too: there is nothing else in it."""
    allowed(actor, "read", "contact")
    medium = _shown_medium(actor, medium)
    words = folded(search) if search.strip() else ""
    return await rows.suppression_rows(session, medium, after, min(limit, _PAGE), words=words)


def _shown_medium(actor: Actor, medium: str | None) -> str | None:
    hidden = hidden_fields(actor, "contact")
    if "email" in hidden or ("phone" in hidden and medium not in (None, "email")):
        raise NotAllowed(
            f"{actor.name} is not shown these addresses as {actor.role}, and this list is made of "
            "them. Ask an admin for a role that may."
        )
    return "email" if "phone" in hidden else medium


def listed(lines: Iterable[str]) -> list[str]:
    """The addresses of a file: one a line, or the first column of a CSV; "#" begins a comment, and
    a first line without any address is a heading."""
    found = []
    for number, line in enumerate(lines):
        word = line.partition(",")[0].strip().strip('"').strip()
        if not word or word.startswith("#"):
            continue
        if number == 0 and "@" not in word and "." not in word and not word.startswith("+"):
            continue
        found.append(word)
    return found


def _read(written: Sequence[str], medium: str, reason: str) -> list[str]:
    """The keys in the order of their locks. Raises Refused."""
    problems: list[Problem] = []
    if medium not in MEDIA:
        said = f'"{medium[:30]}" has no addresses; write {" or ".join(MEDIA)}.'
        problems.append(Problem("/medium", "unknown_medium", said))
    if not _REASON.fullmatch(reason):
        said = "use lower-case letters, digits and _, with a letter first."
        problems.append(Problem("/reason", "bad_reason", said))
    if len(written) > MOST_AT_ONCE:
        said = f"at most {MOST_AT_ONCE:,} at once; cut the list."
        problems.append(Problem("/addresses", "too_many", said))
    keys: set[str] = set()
    for index, one in enumerate(written[:MOST_AT_ONCE]):
        key = _key(one, medium)
        if key is not None:
            keys.add(key)
        elif len(problems) < _MOST_PROBLEMS:
            said = "is neither an address nor a domain." if medium == "email" else "is no number."
            problems.append(Problem(f"/addresses/{index}", "bad_address", said))
    if problems:
        raise Refused("The list was not changed.", problems)
    return sorted(keys)


def as_number(written: str) -> str:
    """A telephone number as contacts have it, without what people put between its digits."""
    return re.sub(r"[\s().-]", "", written)


def _key(written: str, medium: str) -> str | None:
    if medium == "sms":
        number = as_number(written)
        return number if _PHONE.fullmatch(number) else None
    word = folded(written)
    if _DOMAIN.fullmatch(word):
        return word if word.startswith("@") else f"@{word}"
    return word if is_address(word) else None
