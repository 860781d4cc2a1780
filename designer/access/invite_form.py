"""Inviting somebody, and links for those who cannot get in."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.access.shown_once import ShownOnce, finish_with_secret
from designer.people.deeds import Form, done
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.services.actor import Actor
from engine.services.invitations.letters import can_mail, mail_link
from engine.services.invitations.links import Link, invite, invite_again


def invite_button(designer: Designer, visitor: Visitor, roles: dict[str, str]) -> None:
    t = visitor.t
    made: list[Link] = []
    once = ShownOnce(visitor)
    text = t("They get a link, choose a password of their own, and are in.")
    form = Form(visitor, t("Invite somebody"), text)
    with form:
        name = ui.input(t("Name")).mark("invite-name").props("maxlength=200")
        email = ui.input(t("E-mail")).mark("invite-email").props("type=email maxlength=254")
        role = ui.select(roles, label=t("Role"), value="viewer").mark("invite-role")
        said = {"en": "English", "zh": "简体中文"}
        language = ui.select(said, label=t("Language"), value=t.short)
        for field in (name, email, role, language):
            field.props("outlined dense").classes("cz-field full-width")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            made.append(
                await invite(
                    session,
                    actor,
                    email=str(email.value or ""),
                    name=str(name.value or ""),
                    role=str(role.value or ""),
                    language=str(language.value or "en"),
                    now=designer.now(),
                )
            )

        return await done(designer, visitor, deed, problem) and await send(
            designer, visitor, made[-1], once
        )

    # `send` has shown what there is to show
    finish_with_secret(form, t("Invite"), save, "invite", lambda: None)
    form.opener(t("Invite somebody"), "person_add", "invite", main=True)


def link_button(designer: Designer, visitor: Visitor, user_id: int, name: str) -> None:
    """A fresh link for one person."""
    t = visitor.t
    made: list[Link] = []
    once = ShownOnce(visitor)
    text = t("They choose a password with it, once. A link of before works no more.")
    form = Form(visitor, t("A link for {name}", name=name), text)

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            made.append(await invite_again(session, actor, user_id, designer.now()))

        return await done(designer, visitor, deed, problem) and await send(
            designer, visitor, made[-1], once
        )

    finish_with_secret(form, t("Make the link"), save, "link", lambda: None)
    form.opener(t("Send a link"), "link", "new-link")


async def send(designer: Designer, visitor: Visitor, link: Link, once: ShownOnce) -> bool:
    """By mail where mail goes out; else the link is shown, this once, to be passed on."""
    t, runtime = visitor.t, designer.runtime
    until = visitor.formats.moment(link.expires_at)
    mailed = can_mail(runtime.channel) and await mail_link(
        runtime.channel, runtime.sender_settings.sender, runtime.public_url, link
    )
    if mailed:
        text = t(
            "A link went to {address}. It works once, until {until}.",
            address=link.address,
            until=until,
        )
        once.show(t("The link is on its way"), text, [])
    else:
        text = t(
            "No mail goes out from here. Pass this link on to {name}, by a way that nobody else "
            "reads. It works once, until {until}, and is not shown again.",
            name=link.name,
            until=until,
        )
        once.show(t("The link"), text, [f"{runtime.public_url}{link.path}"])
    return True
