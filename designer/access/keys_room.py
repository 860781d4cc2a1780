"""API keys, and the accounts that only programs act as."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from designer.access.key_forms import (
    new_key_button,
    revoke_button,
    rotate_button,
    service_account_button,
)
from designer.access.shown_once import ShownOnce
from designer.access.words import KEYS_AT, kind_name, role_name
from designer.people.addresses import person_at
from designer.runtime import Designer
from designer.shell import frame
from designer.tone import Tone
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, empty_state, words
from engine.services.actor import may
from engine.services.api_keys import KnownApiKey, list_api_keys
from engine.services.people import Person, list_users
from engine.services.roles.keeping import list_roles

SOON: Final = timedelta(days=14)
MOST_SCOPES: Final = 8


async def keys_room(designer: Designer, visitor: Visitor) -> None:
    t, now = visitor.t, designer.now()
    somebody = visitor.somebody
    async with designer.transaction() as session:
        keys = await list_api_keys(session, somebody)
        sees_people = may(somebody, "read", "user")
        users = await list_users(session, somebody) if sees_people else []
        roles = {
            one.key: role_name(one.key, one.label, t) for one in await list_roles(session, somebody)
        }
    manages = may(somebody, "manage", "api_key") and sees_people
    with frame(KEYS_AT, t("API keys"), styles=("people.css", "access.css")), block("cz-stack"):
        once = ShownOnce(visitor)
        text = t("With a key a program does over the API what somebody may do in the designer.")
        words(text, "cz-soft", tag="p")
        if manages:
            with block("cz-row"):
                known = {one.email: one.name for one in users if one.email and one.active}
                new_key_button(designer, visitor, known, once)
                if may(somebody, "manage", "user"):
                    choices = {key: name for key, name in roles.items() if key != "admin"}
                    service_account_button(designer, visitor, choices)
        lasting = [one for one in keys if _state(one, now)[1] != "plain"]
        ended = [one for one in keys if _state(one, now)[1] == "plain"]
        if not keys:
            text = t("Make one for each program, with no more scopes than it needs.")
            with block("cz-card"):
                empty_state("key", t("No keys yet"), text)
        for key in (*lasting, *ended):
            _key(designer, visitor, key, now, once if manages else None)
        _accounts(visitor, [one for one in users if one.service_account], roles)


def _state(key: KnownApiKey, now: datetime) -> tuple[str, Tone]:
    if key.revoked_at is not None:
        return "revoked", "plain"
    if key.expires_at is not None and key.expires_at <= now:
        return "expired", "plain"
    if key.expires_at is not None and key.expires_at - now < SOON:
        return "ends_soon", "warn"
    return "works", "good"


def _key(
    designer: Designer,
    visitor: Visitor,
    key: KnownApiKey,
    now: datetime,
    once: ShownOnce | None,
) -> None:
    t, formats = visitor.t, visitor.formats
    state, tone = _state(key, now)
    named = {
        "works": t("works"),
        "ends_soon": t("ends soon"),
        "expired": t("expired"),
        "revoked": t("revoked"),
    }
    over = tone == "plain"
    with block("cz-card acc-key is-over" if over else "cz-card acc-key", tag="section"):
        with block("cz-row"):
            words(key.name, "cz-strong", tag="h2")
            words(f"{key.prefix}_…", "cz-code")
            chip(named[state], tone)
        with block("cz-row cz-small"):
            words(t("acts for"), "cz-soft")
            anchor(person_at(key.user_id), key.user)
        with block("cz-row"):
            for scope in key.scopes[:MOST_SCOPES]:
                access, _, kind = scope.partition(":")
                way = {"read": t("read"), "manage": t("manage")}.get(access, t("write"))
                chip(f"{way}: {kind_name(kind, t)}")
            if len(key.scopes) > MOST_SCOPES:
                rest = len(key.scopes) - MOST_SCOPES
                words(t.n("and {count} more", "and {count} more", rest), "cz-soft cz-small")
        said = [t("made {when}", when=formats.ago(key.created_at, now))]
        used = key.last_used_at
        said.append(t("last used {when}", when=formats.ago(used, now)) if used else t("never used"))
        if key.expires_at is not None:
            said.append(t("ends on {day}", day=formats.date_of(key.expires_at)))
        else:
            said.append(t("no end"))
        words(" · ".join(said), "cz-soft cz-small", tag="p")
        _overlap(key, visitor, now)
        if once is not None and not over:
            with block("cz-row"):
                rotate_button(designer, visitor, key, once)
                revoke_button(designer, visitor, key)


def _overlap(key: KnownApiKey, visitor: Visitor, now: datetime) -> None:
    t, formats = visitor.t, visitor.formats
    if key.revoked_at is not None or key.previous_until is None or key.previous_until <= now:
        return
    until = formats.moment(key.previous_until)
    if key.previous_used_at is not None:
        when = formats.ago(key.previous_used_at, now)
        text = t(
            "The secret of before works until {until}, and was used {when}.", until=until, when=when
        )
    else:
        text = t("The secret of before works until {until}; nobody has used it since.", until=until)
    words(text, "cz-warn cz-small", tag="p")


def _accounts(visitor: Visitor, accounts: list[Person], roles: dict[str, str]) -> None:
    t = visitor.t
    if not accounts:
        return
    with card(t("Accounts for programs")):
        for one in accounts:
            with block("cz-row cz-pad"):
                anchor(person_at(one.id), one.name, "cz-strong")
                words(one.email or "", "cz-soft cz-small")
                chip(roles.get(one.role, one.role))
                if not one.active:
                    chip(t("deactivated"), "warn")
