"""Making a key, a new secret for one, and an account for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.access.shown_once import ShownOnce, finish_with_secret
from designer.access.words import kind_name
from designer.asking import asking_button
from designer.i18n import N_
from designer.people.deeds import Form, done
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.services.actor import Actor
from engine.services.api_keys import (
    KnownApiKey,
    NewApiKey,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from engine.services.api_keys.scopes import SCOPES
from engine.services.invitations.links import make_service_account

LIVES: Final[Mapping[str, tuple[str, int | None]]] = {
    "30": (N_("30 days"), 30),
    "90": (N_("90 days"), 90),
    "365": (N_("a year"), 365),
    "never": (N_("until it is revoked"), None),
}
OVERLAPS: Final[Mapping[int, str]] = {
    0: N_("at once"),
    1: N_("after an hour"),
    24: N_("after a day"),
    168: N_("after a week"),
}


def new_key_button(
    designer: Designer, visitor: Visitor, users: dict[str, str], once: ShownOnce
) -> None:
    """`users` are those it may act for, by address."""
    t = visitor.t
    made: list[NewApiKey] = []
    text = t(
        "A program acts with it for this person or account, within their role and these scopes."
    )
    form = Form(visitor, t("A new API key"), text)
    with form:
        name = ui.input(t("Name of the key")).mark("key-name").props("maxlength=100")
        user = ui.select(users, label=t("Acts for"), with_input=True).mark("key-user")
        scopes = ui.select(_scopes(visitor), label=t("Scopes"), multiple=True, with_input=True)
        scopes.props("use-chips").mark("key-scopes").props["hint"] = t("Read or write, and what")
        lives = {key: t(said) for key, (said, _) in LIVES.items()}
        life = ui.select(lives, label=t("Lasts"), value="365")
        for field in (name, user, scopes, life):
            field.props("outlined dense").classes("cz-field full-width")

    async def save(problem: Words) -> bool:
        days = LIVES[str(life.value)][1]

        async def deed(session: Any, actor: Actor) -> None:
            made.append(
                await create_api_key(
                    session,
                    actor,
                    name=str(name.value or ""),
                    for_user=str(user.value or ""),
                    scopes=list(scopes.value or ()),
                    now=designer.now(),
                    lasts=None if days is None else timedelta(days=days),
                )
            )

        return await done(designer, visitor, deed, problem)

    show = partial(_shown, made, visitor, once)
    finish_with_secret(form, t("Make the key"), save, "key", show)
    form.opener(t("Make an API key"), "key", "new-key", main=True)


def rotate_button(designer: Designer, visitor: Visitor, key: KnownApiKey, once: ShownOnce) -> None:
    t = visitor.t
    made: list[NewApiKey] = []
    text = t("The key gets a new secret. Meanwhile the program may go on with the one of before.")
    form = Form(visitor, t("A new secret for {name}", name=key.name), text)
    with form:
        ends = {hours: t(said) for hours, said in OVERLAPS.items()}
        overlap = ui.select(ends, label=t("The secret of before ends"), value=24)
        overlap.props("outlined dense").classes("cz-field full-width").mark("overlap")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            lasts = timedelta(hours=int(overlap.value))
            made.append(
                await rotate_api_key(session, actor, key.prefix, designer.now(), overlap=lasts)
            )

        return await done(designer, visitor, deed, problem)

    show = partial(_shown, made, visitor, once)
    finish_with_secret(form, t("Make a new secret"), save, "rotate", show)
    form.opener(t("New secret"), "autorenew", f"rotate-{key.prefix}")


def revoke_button(designer: Designer, visitor: Visitor, key: KnownApiKey) -> None:
    t = visitor.t

    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await revoke_api_key(session, actor, key.prefix, designer.now())
        ui.navigate.reload()

    asking_button(
        t,
        "block",
        t("Revoke"),
        t("Revoke the key {name}?", name=key.name),
        t("Whoever uses it is refused within seconds. It cannot be undone."),
        deed,
    )


def service_account_button(designer: Designer, visitor: Visitor, roles: dict[str, str]) -> None:
    t = visitor.t
    text = t("Programs act as it, by API keys. Nobody signs in as it, and it never leaves.")
    form = Form(visitor, t("An account for programs"), text)
    with form:
        name = ui.input(t("Name")).mark("service-name").props("maxlength=200")
        address = ui.input(t("Address that names it")).mark("service-address")
        address.props["hint"] = t("Such as warehouse@example.com; nothing is sent to it")
        role = ui.select(roles, label=t("Role"), value="viewer").mark("service-role")
        for field in (name, address, role):
            field.props("outlined dense").classes("cz-field full-width")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            await make_service_account(
                session,
                actor,
                name=str(name.value or ""),
                address=str(address.value or ""),
                role=str(role.value or ""),
            )

        return await done(designer, visitor, deed, problem)

    form.finish(t("Make the account"), save, "service")
    form.opener(t("Make an account for programs"), "smart_toy", "new-service")


def _scopes(visitor: Visitor) -> dict[str, str]:
    t = visitor.t
    said = {"read:*": t("Read everything the role may"), "write:*": t("Write all the role may")}
    verbs = {"read": t("read"), "write": t("write"), "manage": t("manage")}
    for scope in SCOPES:
        access, _, kind = scope.partition(":")
        said[scope] = f"{verbs[access]}: {kind_name(kind, t)}"
    return said


def _shown(made: Sequence[NewApiKey], visitor: Visitor, once: ShownOnce) -> None:
    t = visitor.t
    text = t("Copy the key to where the program finds it. It is not shown again.")
    once.show(t("The key"), text, [made[-1].key])
