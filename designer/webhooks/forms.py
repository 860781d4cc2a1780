"""The forms of a subscription: made, changed, its secret shown once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui

from designer.asking import plain_button
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.webhooks.wordings import ROOM
from designer.widgets import block, words
from engine.errors import Problem, Refused
from engine.services import subscriptions as service
from engine.services.subscriptions import AskedSubscription, SubscriptionRow, asked_of


def new_webhook(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t

    async def make(given: dict[str, str]) -> None:
        actor = await designer.actor(visitor.token)
        asked = _asked(given, AskedSubscription("", "", ()))
        async with designer.transaction() as session:
            made = await service.create_subscription(
                session, actor, designer.runtime.secrets, asked, designer.now()
            )
        show_secret(visitor, made.secret, lambda: ui.navigate.to(f"{ROOM}/{made.id}"))

    FormDialog(
        t,
        t("Tell another system"),
        t("It is told nothing until a test succeeds. A rule may be added afterwards."),
        _blanks(visitor, None),
        t("Make it"),
        make,
        mark="webhook",
    )


def edit_webhook(designer: Designer, visitor: Visitor, row: SubscriptionRow) -> None:
    t = visitor.t

    async def save(given: dict[str, str]) -> None:
        actor = await designer.actor(visitor.token)
        asked = _asked(given, asked_of(row))
        async with designer.transaction() as session:
            await service.change_subscription(
                session, actor, row.id, asked, designer.now(), revision=row.revision
            )
        ui.navigate.reload()

    FormDialog(
        t,
        t("Change “{name}”", name=row.name),
        t("What is waiting goes to the new address."),
        _blanks(visitor, row),
        t("Save"),
        save,
        mark="webhook",
    )


def new_secret(designer: Designer, visitor: Visitor, row: SubscriptionRow) -> None:
    t = visitor.t

    async def rotate(given: dict[str, str]) -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            made = await service.rotate_secret(
                session,
                actor,
                designer.runtime.secrets,
                row.id,
                designer.now(),
                overlap=service.USUAL_OVERLAP * (given["overlap"] == "day"),
            )
        show_secret(visitor, made.secret, ui.navigate.reload)

    FormDialog(
        t,
        t("A new secret for “{name}”", name=row.name),
        t("Messages can carry both signatures for a day, so that nothing is lost meanwhile."),
        [
            Blank(
                "overlap",
                t("The secret before"),
                "day",
                choices={
                    "day": t("signs for another day"),
                    "none": t("is forgotten at once"),
                },
            )
        ],
        t("Make a new secret"),
        rotate,
        mark="webhook-secret",
    )


def show_secret(visitor: Visitor, secret: str, then: Callable[[], object]) -> None:
    """It goes by as text of a page and is written down nowhere."""
    t = visitor.t
    with (
        ui.context.client.layout,
        ui.dialog(value=True).props("persistent") as dialog,
        ui.card().classes("cz-dialog") as place,
    ):
        place.props["role"] = "dialog"
        place.props["aria-label"] = t("The signing secret")
        words(t("The signing secret"), "cz-h2", tag="h2")
        words(t("Give it to the receiver. It is shown only now."), "cz-soft", tag="p")
        words(secret, "cz-code cz-wh__secret", tag="code").mark("webhook-secret-shown")

        def done() -> None:
            dialog.close()
            then()

        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Copy"), lambda: ui.clipboard.write(secret), symbol="content_copy")
            plain_button(t("I have kept it"), done, main=True).mark("secret-kept")


def _blanks(visitor: Visitor, row: SubscriptionRow | None) -> list[Blank]:
    t = visitor.t
    return [
        Blank("name", t("Name"), row.name if row else ""),
        Blank(
            "url",
            t("Address"),
            row.url if row else "",
            hint=t("Such as https://shop.example.com/hooks. It is called by POST."),
        ),
        Blank(
            "event_types",
            t("Events, one a line"),
            "\n".join(row.event_types) if row else "",
            hint=t(
                "As they are called, such as Order Completed, Contact Created or Deal Updated; * "
                "alone means all that are recorded."
            ),
            lines=True,
        ),
        Blank(
            "per_second",
            t("Calls a second at most"),
            str(row.per_second if row else 50),
            hint=t("A backlog goes at up to twice this rate."),
        ),
        Blank("concurrency", t("Calls at a time at most"), str(row.concurrency if row else 4)),
    ]


def _asked(given: dict[str, str], before: AskedSubscription) -> AskedSubscription:
    """Raises Refused for what is no number."""
    numbers, problems = {}, []
    for name in ("per_second", "concurrency"):
        text = given[name].strip()
        if text.isascii() and text.isdigit() and len(text) < 6:
            numbers[name] = int(text)
        else:
            problems.append(Problem(f"/{name}", "no_number", "write a whole number"))
    if problems:
        raise Refused("The subscription was not kept.", problems)
    types = [line.strip() for line in given["event_types"].splitlines()[:100] if line.strip()]
    return replace(
        before, name=given["name"][:400], url=given["url"][:3_000], event_types=types, **numbers
    )
