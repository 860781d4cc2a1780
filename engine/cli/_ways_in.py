"""What `cadenza user` does about somebody's way in: invitations, links, roles, accounts of
programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services import people
from engine.services.actor import SYSTEM
from engine.services.invitations.letters import can_mail, mail_link
from engine.services.invitations.links import Link, invite_again, make_service_account
from engine.services.invitations.links import invite as invite_to
from engine.services.invitations.waiting import list_invitations, withdraw_invitation
from engine.services.second_factor.keeping import take_second_factor_away

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]
Role = Annotated[str, typer.Option(help="A role's key; `cadenza role list` shows all.")]
Print = Annotated[
    bool, typer.Option("--print", help="Print the link instead of mailing it, to be passed on.")
]
Deed = Callable[[AsyncSession, int, Runtime], Awaitable[None]]


def add_ways_in(app: typer.Typer) -> None:
    for command in (
        invite,
        invitations,
        withdraw,
        reset,
        role,
        reactivate,
        take_second_factor,
        service_account,
    ):
        app.command(name=command.__name__.replace("_", "-"))(command)


def invite(
    email: Email,
    role: Role = "viewer",
    name: Annotated[str | None, typer.Option(help="What others see; else the address.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    print_: Print = False,
) -> None:
    """Make somebody an account and mail the link by which they choose a password, within seven
    days; where no mail goes out it is printed."""

    async def made(session: AsyncSession, runtime: Runtime) -> Link:
        await people.ensure_roles(session)
        called = name or email.partition("@")[0]
        return await invite_to(
            session,
            SYSTEM,
            email=email,
            name=called,
            role=role,
            language=language,
            now=runtime.now(),
        )

    run(_link(made, mail=not print_))


def invitations() -> None:
    """Who was invited and has not answered yet."""
    run(_invitations())


def withdraw(email: Email) -> None:
    """Take an invitation back: its link opens nothing, and the person is deactivated."""

    async def deed(session: AsyncSession, user_id: int, runtime: Runtime) -> None:
        await withdraw_invitation(session, SYSTEM, user_id, runtime.now())

    run(_about(email, deed, "{name} is not invited any more."))


def reset(email: Email, print_: Print = False) -> None:
    """Mail somebody a link by which they choose a new password; one of before works no more."""

    async def made(session: AsyncSession, runtime: Runtime) -> Link:
        person = await people.find_user(session, SYSTEM, email)
        return await invite_again(session, SYSTEM, person.id, runtime.now())

    run(_link(made, mail=not print_))


def role(email: Email, key: Annotated[str, typer.Argument(help="The role's key.")]) -> None:
    """Give somebody another role; every sign-in of theirs ends."""

    async def deed(session: AsyncSession, user_id: int, runtime: Runtime) -> None:
        await people.ensure_roles(session)
        await people.set_role(session, SYSTEM, user_id, key, runtime.now())

    run(_about(email, deed, f"{{name}} has the role {key}."))


def reactivate(email: Email) -> None:
    """Let somebody in again. The password of before opens nothing: `reset` makes a link."""

    async def deed(session: AsyncSession, user_id: int, runtime: Runtime) -> None:
        await people.reactivate_user(session, SYSTEM, user_id, runtime.now())

    run(_about(email, deed, f"{{name}} is back. `cadenza user reset {email}` lets them in."))


def take_second_factor(email: Email) -> None:
    """Take somebody's second factor away, for a lost telephone; their sign-ins end."""

    async def deed(session: AsyncSession, user_id: int, runtime: Runtime) -> None:  # noqa: ARG001
        await take_second_factor_away(session, SYSTEM, user_id)

    run(_about(email, deed, "{name} signs in without a second factor, until they set one up."))


def service_account(
    address: Annotated[str, typer.Argument(help="An address that names it; nothing goes there.")],
    role: Role = "viewer",
    name: Annotated[str | None, typer.Option(help="What others see; else the address.")] = None,
) -> None:
    """Make an account that programs act as, by API keys; nobody signs in as it."""
    run(_service_account(address, role, name or address.partition("@")[0]))


async def _link(made: Callable[[AsyncSession, Runtime], Awaitable[Link]], *, mail: bool) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            link = await made(session, runtime)
        mailed = (
            mail
            and can_mail(runtime.channel)
            and await mail_link(
                runtime.channel, runtime.sender_settings.sender, runtime.public_url, link
            )
        )
        address = f"{runtime.public_url}{link.path}"
    until = f"{link.expires_at:%Y-%m-%d %H:%M} UTC"
    if mailed:
        typer.echo(f"A link went to {link.address}. It works once, until {until}.")
        return
    typer.echo(address)
    typer.echo(
        f"The link of {link.name}, shown only now: pass it on by a way that nobody else reads. It "
        f"works once, until {until}.",
        err=True,
    )


async def _about(email: str, deed: Deed, said: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        person = await people.find_user(session, SYSTEM, email)
        await deed(session, person.id, runtime)
    typer.echo(said.replace("{name}", person.name))


async def _invitations() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_invitations(session, SYSTEM, runtime.now())
    if not found:
        typer.echo("Nobody is invited who has not answered.")
        return
    table = Table("E-mail", "Name", "Role", "Until")
    for one in found:
        until = f"{one.expires_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(escape(one.email or "-"), escape(one.name), one.role, until)
    Console().print(table)


async def _service_account(address: str, role: str, name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await people.ensure_roles(session)
        await make_service_account(session, SYSTEM, name=name, address=address, role=role)
    typer.echo(f"{name} was made. `cadenza key create NAME --for-user {address}` makes its keys.")
