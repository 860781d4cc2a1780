"""Where one is signed in, with an end for each, and the second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from nicegui import ui

from designer.access.devices import device_name
from designer.access.factor_forms import factor_card
from designer.access.words import ME_AT
from designer.asking import asking_button
from designer.i18n import N_
from designer.people.addresses import person_at
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, chip, icon, words
from engine.services.second_factor.keeping import second_factor_of
from engine.services.sessions.own import (
    KnownSignIn,
    end_other_sign_ins,
    end_sign_in,
    list_sign_ins,
)

MEANS: Final = {
    "password": N_("by password"),
    "second_factor": N_("by password and code"),
    "single_sign_on": N_("by the company's sign-in"),
    "link": N_("by a link"),
}


async def own_room(designer: Designer, visitor: Visitor) -> None:
    t, now = visitor.t, designer.now()
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        found = await list_sign_ins(session, actor, visitor.token, now)
        factor = await second_factor_of(session, actor)
    with frame(ME_AT, t("My sign-in"), styles=("people.css", "access.css")), block("cz-stack"):
        with block("cz-row"):
            button_link("/password", t("Change password"), "password")
            button_link(person_at(actor.id or 0), t("My profile"), "badge")
        factor_card(designer, visitor, factor)
        with card(t("Where I am signed in")):
            for one in found:
                _line(designer, visitor, one, now)
            if len(found) > 1:
                with block("cz-row cz-pad"):
                    _end_others(designer, visitor)


def _line(designer: Designer, visitor: Visitor, one: KnownSignIn, now: datetime) -> None:
    t, formats = visitor.t, visitor.formats
    with block("acc-session"):
        icon("laptop", "22px")
        with block("cz-stack cz-tight acc-session__what"):
            with block("cz-row"):
                words(device_name(one.device, t), "cz-strong")
                if one.current:
                    chip(t("this one"), "good")
            said = [
                one.address or t("address not known"),
                t(MEANS[one.means]) if one.means in MEANS else one.means,
                t("since {when}", when=formats.moment(one.created_at)),
                t("last seen {when}", when=formats.ago(one.last_seen_at, now)),
            ]
            words(" · ".join(said), "cz-soft cz-small", tag="p")
        if not one.current:
            _end(designer, visitor, one)


def _end(designer: Designer, visitor: Visitor, one: KnownSignIn) -> None:
    t = visitor.t

    async def deed() -> None:
        await _do(designer, visitor, lambda session, actor: end_sign_in(session, actor, one.id))

    asking_button(
        t,
        "logout",
        t("End"),
        t("End this sign-in?"),
        t("Pages that are open there go to the sign-in page within seconds."),
        deed,
    )


def _end_others(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t

    async def deed() -> None:
        await _do(
            designer,
            visitor,
            lambda session, actor: end_other_sign_ins(session, actor, visitor.token),
        )

    asking_button(
        t,
        "phonelink_erase",
        t("End all others"),
        t("End all other sign-ins?"),
        t("You stay signed in here."),
        deed,
    )


async def _do(designer: Designer, visitor: Visitor, deed: Any) -> None:
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        await deed(session, actor)
    designer.sign_ins.look_again()
    ui.navigate.reload()
