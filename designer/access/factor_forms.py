"""Setting up a second factor, new recovery codes, and doing without it again."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from nicegui import ui

from designer.access.shown_once import ShownOnce, finish_with_secret
from designer.asking import plain_button
from designer.people.deeds import Form, done
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words, block, card, chip, notice, words
from engine.errors import CadenzaError
from engine.services.actor import Actor
from engine.services.second_factor.keeping import (
    Enrolment,
    SecondFactor,
    begin_second_factor,
    confirm_second_factor,
    new_recovery_codes,
    remove_second_factor,
)

FEW = 3


def factor_card(designer: Designer, visitor: Visitor, factor: SecondFactor) -> None:
    t = visitor.t
    once = ShownOnce(visitor)
    with card(t("Second factor")), block("cz-pad cz-stack"):
        if factor.since is None:
            text = t(
                "Beside your password Cadenza then asks for six digits that an app on your "
                "telephone shows. Whoever learns your password still does not come in."
            )
            words(text, "cz-soft", tag="p")
            with block("cz-row"):
                _set_up(designer, visitor, once)
            return
        with block("cz-row"):
            chip(t("on"), "good")
            words(t("since {when}", when=visitor.formats.moment(factor.since)), "cz-soft")
        left = factor.recovery_codes_left
        said = t.n("{count} recovery code is left.", "{count} recovery codes are left.", left)
        if left <= FEW:
            notice(said, "warn", "warning")
        else:
            words(said, "cz-soft", tag="p")
        with block("cz-row"):
            _renew(designer, visitor, once)
            _remove(designer, visitor)


def _set_up(designer: Designer, visitor: Visitor, once: ShownOnce) -> None:
    t = visitor.t
    made: list[list[str]] = []
    enrolment: list[Enrolment] = []
    text = t("Scan this with an authenticator app, then type the digits it shows.")
    form = Form(visitor, t("Set up the second factor"), text)
    with form:
        place = block("cz-stack")
        code = _code_field(t("Code"))

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            box, secret = designer.runtime.secrets, enrolment[-1].secret
            typed = str(code.value or "")
            made.append(
                await confirm_second_factor(session, actor, box, secret, typed, designer.now())
            )

        return await done(designer, visitor, deed, problem)

    finish_with_secret(form, t("Turn it on"), save, "factor", partial(_codes, made, visitor, once))

    async def begin() -> None:
        place.clear()
        try:
            actor = await designer.actor(visitor.token)
            async with designer.transaction() as session:
                enrolment.append(await begin_second_factor(session, actor))
        except CadenzaError as error:
            with place:
                words(all_words(error, t), "cz-bad")
        else:
            with place:
                _picture(enrolment[-1], visitor)
        form.dialog.open()

    plain_button(t("Set it up"), begin, main=True, symbol="phonelink_lock").mark("set-up-factor")


def _picture(enrolment: Enrolment, visitor: Visitor) -> None:
    t = visitor.t
    # as an image, so that nothing in it is ever taken for a part of the page
    picture = ui.element("img").classes("acc-qr")
    picture.props["src"] = f"data:image/svg+xml,{quote(enrolment.picture)}"
    picture.props["alt"] = t("A QR code with the secret")
    words(t("Without a camera, type this into the app:"), "cz-soft cz-small", tag="p")
    spaced = " ".join(
        enrolment.secret[place : place + 4] for place in range(0, len(enrolment.secret), 4)
    )
    words(spaced, "cz-code acc-typed", tag="p").mark("factor-secret")


def _renew(designer: Designer, visitor: Visitor, once: ShownOnce) -> None:
    t = visitor.t
    made: list[list[str]] = []
    text = t("Those of before work no more. Type the code that your app shows now.")
    form = Form(visitor, t("New recovery codes"), text)
    with form:
        code = _code_field(t("Code"))

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            box, typed = designer.runtime.secrets, str(code.value or "")
            guesses = designer.sign_ins.guesses
            made.append(
                await new_recovery_codes(
                    session, actor, box, typed, designer.now(), guesses=guesses
                )
            )

        return await done(designer, visitor, deed, problem)

    finish_with_secret(
        form, t("Make new ones"), save, "renew", partial(_codes, made, visitor, once)
    )
    form.opener(t("New recovery codes"), "password", "renew-codes")


def _remove(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t
    text = t("From then on your password alone lets you in. Type a code, or a recovery code.")
    form = Form(visitor, t("Remove the second factor?"), text)
    with form:
        code = _code_field(t("Code"))

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            box, typed = designer.runtime.secrets, str(code.value or "")
            guesses = designer.sign_ins.guesses
            await remove_second_factor(session, actor, box, typed, designer.now(), guesses=guesses)

        return await done(designer, visitor, deed, problem)

    form.finish(t("Remove it"), save, "remove-factor")
    form.opener(t("Remove it"), "phonelink_erase", "open-remove-factor")


def _code_field(name: str) -> Any:
    field = ui.input(name).props("outlined dense maxlength=40 autocomplete=one-time-code")
    return field.classes("cz-field full-width").mark("code")


def _codes(made: list[list[str]], visitor: Visitor, once: ShownOnce) -> None:
    t = visitor.t
    text = t(
        "Each of these lets you in once without your telephone. Keep them where you keep papers "
        "that matter; they are not shown again."
    )
    once.show(t("Recovery codes"), text, made[-1])
