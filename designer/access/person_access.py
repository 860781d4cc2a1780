"""What an admin does about somebody's way in: role, links, second factor, leaving, coming back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from designer.access.invite_form import link_button
from designer.access.words import KEYS_AT, role_at, role_name
from designer.asking import asking_button
from designer.people.deeds import Form, done
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words, anchor, block, button_link, card, chip, words
from engine.services.actor import Actor, may
from engine.services.invitations.links import open_invitations
from engine.services.people import (
    Person,
    deactivate_user,
    reactivate_user,
    set_role,
    show_user,
)
from engine.services.roles.keeping import list_roles
from engine.services.second_factor.keeping import take_second_factor_away


async def access_card(designer: Designer, visitor: Visitor, user_id: int) -> None:
    """For those who manage users; nobody else sees it."""
    t, somebody, now = visitor.t, visitor.somebody, designer.now()
    if not may(somebody, "manage", "user"):
        return
    async with designer.transaction() as session:
        person = await show_user(session, somebody, user_id)
        invited = (await open_invitations(session, somebody, now)).get(user_id)
        roles = {
            one.key: role_name(one.key, one.label, t) for one in await list_roles(session, somebody)
        }
    with card(t("Way in")):
        with block("cz-row cz-pad"):
            anchor(role_at(person.role), roles.get(person.role, person.role), "cz-chip is-accent")
            _chips(person, visitor)
        if invited is not None:
            until = visitor.formats.moment(invited)
            text = t(
                "Invited, and has not chosen a password yet. The link works until {until}.",
                until=until,
            )
            words(text, "cz-soft cz-pad", tag="p")
        elif person.active and not person.can_sign_in and not person.service_account:
            words(t("Has no password and no link: send one."), "cz-soft cz-pad", tag="p")
        with block("cz-row cz-pad"):
            if person.active:
                _role_button(designer, visitor, person, roles)
                if person.service_account:
                    button_link(KEYS_AT, t("API keys"), "key")
                else:
                    link_button(designer, visitor, user_id, person.name)
                if person.has_second_factor:
                    _without_factor(designer, visitor, person)
                if user_id != somebody.id:
                    _deactivate(designer, visitor, person)
            else:
                _reactivate(designer, visitor, person)


def _chips(person: Person, visitor: Visitor) -> None:
    t = visitor.t
    if person.service_account:
        chip(t("for programs"))
    if person.has_second_factor:
        chip(t("second factor"), "good")
    if person.must_change_password:
        chip(t("one-time password"), "warn")


def _role_button(
    designer: Designer, visitor: Visitor, person: Person, roles: dict[str, str]
) -> None:
    t = visitor.t
    text = t("Every sign-in of theirs ends, and they sign in again with the new role.")
    form = Form(visitor, t("Another role for {name}", name=person.name), text)
    with form:
        chosen = ui.select(roles, label=t("Role"), value=person.role).mark("role-of")
        chosen.props("outlined dense").classes("cz-field full-width")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            await set_role(session, actor, person.id, str(chosen.value), designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Save"), save, "role-of")
    form.opener(t("Change the role"), "manage_accounts", "edit-role-of")


def _without_factor(designer: Designer, visitor: Visitor, person: Person) -> None:
    t = visitor.t
    _asked(
        designer,
        visitor,
        "phonelink_erase",
        t("Take the second factor away"),
        t("Take the second factor of {name} away?", name=person.name),
        t("For a lost telephone. Be sure that it is they who ask. Their sign-ins end."),
        lambda session, actor: take_second_factor_away(session, actor, person.id),
    )


def _deactivate(designer: Designer, visitor: Visitor, person: Person) -> None:
    t = visitor.t
    _asked(
        designer,
        visitor,
        "person_off",
        t("Deactivate"),
        t("Deactivate {name}?", name=person.name),
        t(
            "They are signed out everywhere, and their keys work no more. What they own stays "
            "theirs."
        ),
        lambda session, actor: deactivate_user(session, actor, person.id, designer.now()),
    )


def _reactivate(designer: Designer, visitor: Visitor, person: Person) -> None:
    t = visitor.t
    _asked(
        designer,
        visitor,
        "person_add",
        t("Let in again"),
        t("Let {name} in again?", name=person.name),
        t(
            "The password of before opens nothing: send a link afterwards. Keys of theirs that "
            "were not revoked work again."
        ),
        lambda session, actor: reactivate_user(session, actor, person.id, designer.now()),
    )


def _asked(
    designer: Designer,
    visitor: Visitor,
    symbol: str,
    name: str,
    question: str,
    consequence: str,
    what: Callable[[Any, Actor], Awaitable[None]],
) -> None:
    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await what(session, actor)
        designer.sign_ins.look_again()
        designer.runtime.pokes.clocks()
        ui.navigate.reload()

    asking_button(visitor.t, symbol, name, question, consequence, deed)
