"""The list of addresses and domains nothing is sent to: search, add, take off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.filter_tabs import address
from designer.components.search_box import search_box
from designer.i18n.translator import N_
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.terms import reason
from designer.visitor import Visitor
from designer.widgets import Words, ask_to_sign_in, block, card, empty_state, words
from engine.errors import NotSignedIn
from engine.services.actor import may
from engine.services.sending.suppressions import (
    MANUAL,
    MEDIA,
    SuppressionRow,
    allow,
    suppress,
    suppressions,
)

PATH: Final = "/suppression"
PAGE_ROWS: Final = 50
MOST_BY_HAND: Final = 1_000
_REASONS: Final = {
    "manual": N_("Put on by a person"),
    "bounced": N_("Mail came back"),
    "bounce": N_("Mail came back"),
    "complained": N_("Complained"),
    "complaint": N_("Complained"),
    "unsubscribed": N_("Unsubscribed"),
    "erased": N_("The contact was erased"),
}
_NAMES: Final = {"email": N_("E-mail"), "sms": N_("SMS")}


class SuppressionList:
    def __init__(self, designer: Designer, visitor: Visitor, search: str) -> None:
        self._designer, self._visitor, self._search = designer, visitor, search
        self._edits = may(visitor.somebody, "edit", "contact")
        self._marks: list[tuple[str, str]] = [("", "")]
        self._last: tuple[str, str] | None = None

    async def build(self, actions: ui.element) -> None:
        t = self._visitor.t
        if self._edits:
            with actions:
                plain_button(t("Add"), self._add, main=True, symbol="add").mark("suppress-add")
        with block("cz-stack"):
            words(
                t(
                    "Nothing goes to these addresses and domains, whatever a flow says. Mail that "
                    "came back and complaints come on the list by themselves."
                ),
                "cz-soft",
                tag="p",
            )
            search_box(t("Part of an address"), self._search, self._searched)
            self._place = block()
        await self._show()

    async def _searched(self, typed: str) -> None:
        self._search, self._marks = typed, [("", "")]
        ui.navigate.history.replace(address(PATH, {"q": typed}))
        await self._show()

    async def _show(self) -> None:
        try:
            actor = await self._designer.actor(self._visitor.token)
        except NotSignedIn:
            ask_to_sign_in()
            return
        async with self._designer.transaction() as session:
            found = await suppressions(
                session, actor, after=self._marks[-1], limit=PAGE_ROWS + 1, search=self._search
            )
        shown = found[:PAGE_ROWS]
        more = len(found) > PAGE_ROWS
        self._last = (shown[-1].channel, shown[-1].address_key) if shown and more else None
        self._place.clear()
        with self._place:
            self._rows(shown)

    def _rows(self, shown: Sequence[SuppressionRow]) -> None:
        t = self._visitor.t
        if not shown:
            with card():
                if self._search:
                    empty_state(
                        "search_off",
                        t("Nothing like this is on the list"),
                        t("Search for a part of the address or of the domain."),
                    )
                else:
                    empty_state(
                        "mark_email_read",
                        t("The list is empty"),
                        t("Add an address, or a whole domain, to write to it no more."),
                    )
            return
        with card():
            with block("cz-sys__list", tag="ul"):
                for row in shown:
                    self._row(row)
            self._pager()

    def _row(self, row: SuppressionRow) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        whole = row.address_key.startswith("@")
        with block(tag="li").mark(f"suppressed-{row.address_key}"):
            with block("cz-grow"):
                words(shown_address(row.address_key), "cz-strong cz-clip", tag="div")
                medium = t(_NAMES[row.channel]) if row.channel in _NAMES else row.channel
                parts = [
                    t("everybody at this domain") if whole else "",
                    medium,
                    t(_REASONS[row.reason])
                    if row.reason in _REASONS
                    else reason(row.reason, t) or row.reason,
                    formats.date_of(row.recorded_at),
                ]
                said = " · ".join(part for part in parts if part)
                words(said, "cz-soft cz-small", tag="div")
            if self._edits and row.channel in MEDIA and is_readable(row.address_key):
                button = plain_button(t("Take off"), lambda: self._ask(row), symbol="undo")
                button.mark(f"allow-{row.address_key}")

    def _pager(self) -> None:
        t = self._visitor.t
        if len(self._marks) == 1 and self._last is None:
            return
        with block("cz-pager"):
            told: Words = words(t("Page {number}", number=len(self._marks)), "cz-grow")
            told.props["role"] = "status"
            if len(self._marks) > 1:
                plain_button(t("Previous page"), self._back)
            if self._last is not None:
                plain_button(t("Next page"), self._on).mark("page-next")

    async def _on(self) -> None:
        if self._last is not None:
            self._marks.append(self._last)
        await self._show()

    async def _back(self) -> None:
        if len(self._marks) > 1:
            self._marks.pop()
        await self._show()

    def _add(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Write to nobody of these"),
            t("It holds from the next message on. Their runs go on without messages."),
            [
                Blank(
                    "addresses",
                    t("Addresses or domains, one a line"),
                    lines=True,
                    hint=t("Such as ada@example.com, or example.org for everybody there."),
                ),
                Blank(
                    "medium",
                    t("What is not sent"),
                    "email",
                    choices={key: t(name) for key, name in _NAMES.items()},
                ),
                Blank(
                    "reason",
                    t("Reason"),
                    MANUAL,
                    hint=t("Small letters, digits and _, such as asked_by_phone."),
                ),
            ],
            t("Put on the list"),
            self._put,
        )

    async def _put(self, given: dict[str, str]) -> None:
        t = self._visitor.t
        written = [line.strip() for line in given["addresses"].splitlines() if line.strip()]
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            done = await suppress(
                session,
                actor,
                written[: MOST_BY_HAND + 1],
                medium=given["medium"],
                reason=given["reason"].strip() or MANUAL,
                now=self._designer.now(),
            )
        said = t.n("{count} is new on the list.", "{count} are new on the list.", done.new)
        if done.known:
            said += " " + t("{count} were there already.", count=done.known)
        ui.notify(said, type="positive")
        self._marks = [("", "")]
        await self._show()

    def _ask(self, row: SuppressionRow) -> None:
        t = self._visitor.t
        shown = shown_address(row.address_key)
        text = (
            t("Everybody at this domain may be written to again, as far as they agreed.")
            if row.address_key.startswith("@")
            else t("This address may be written to again, as far as its contact agreed.")
        )
        FormDialog(
            t,
            t("Take “{address}” off the list?", address=shown),
            text,
            [],
            t("Take off"),
            lambda _: self._allow(row),
            mark="allow",
        )

    async def _allow(self, row: SuppressionRow) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await allow(session, actor, row.address_key, medium=row.channel)
        ui.notify(self._visitor.t("It was taken off the list."), type="positive")
        await self._show()


def shown_address(key: str) -> str:
    return key[1:] if key.startswith("@") else key


def is_readable(key: str) -> bool:
    """Of an erased contact there is only a hash, which nobody takes off."""
    return "@" in key or key.startswith("+")
