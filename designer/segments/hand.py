"""Putting people on a list that is kept by hand, and taking them off."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.runtime import Designer
from designer.segments.saving import told
from designer.visitor import Visitor
from designer.widgets import block, card, words
from engine.services.segments.lists import (
    MOST_AT_ONCE,
    Called,
    Listed,
    Where,
    add_to_list,
    remove_from_list,
)

_SPLIT: Final = re.compile(r"[\s,;，；]+")
_LONGEST: Final = 500_000
_MOST_UNKNOWN_SHOWN: Final = 20


class HandList:
    """`moved` is awaited after somebody came or went."""

    def __init__(
        self, designer: Designer, visitor: Visitor, name: str, moved: Callable[[], Awaitable[None]]
    ) -> None:
        self._designer, self._visitor, self._name, self._moved = designer, visitor, name, moved
        t = visitor.t
        with card(t("Put people on it, take them off")), block("cz-pad cz-stack"):
            self._text = ui.textarea(t("E-mail addresses, one a line or with commas"))
            self._text.classes("cz-field full-width").props(f"outlined dense maxlength={_LONGEST}")
            self._text.mark("list-emails")
            with block("cz-row"):
                plain_button(t("Put on the list"), self._add, main=True, symbol="person_add").mark(
                    "list-add"
                )
                plain_button(t("Take off the list"), self._remove, symbol="person_remove").mark(
                    "list-remove"
                )
                plain_button(t("Choose a contact"), self._pick, symbol="person_search").mark(
                    "list-pick"
                )
            self._told = block("cz-stack cz-tight").props("role=status")

    async def _add(self) -> None:
        await self._change(Called(emails=self._emails()), enters=True)

    async def _remove(self) -> None:
        await self._change(Called(emails=self._emails()), enters=False)

    async def _pick(self) -> None:
        t = self._visitor.t
        contact = await pick_contact(self._designer, self._visitor, t("Who goes on the list?"))
        if contact is not None:
            await self._change(Called(contact_ids=(contact,)), enters=True)

    def _emails(self) -> tuple[str, ...]:
        typed = (self._text.value or "")[:_LONGEST]
        return tuple(dict.fromkeys(filter(None, _SPLIT.split(typed))))

    async def _change(self, called: Called, *, enters: bool) -> None:
        t = self._visitor.t
        if not len(called):
            self._say(t("Write at least one address."))
            return
        if len(called) > MOST_AT_ONCE:
            self._say(t("At most {count} at once.", count=f"{MOST_AT_ONCE:,}"))
            return
        designer = self._designer
        shared = designer.runtime.shared
        where = Where(designer.runtime.settings.company.default_zone, shared.partitions)
        found: list[Listed] = []

        async def deed() -> None:
            actor = await designer.actor(self._visitor.token)
            change = add_to_list if enters else remove_from_list
            async with designer.transaction() as session:
                found.append(
                    await change(session, actor, self._name, called, where, designer.now())
                )

        if not await told(deed, self._told, t):
            return
        designer.runtime.pokes.dispatch(found[0].partitions)
        designer.pulses.clear()
        self._show(found[0], enters=enters)
        await self._moved()

    def _show(self, listed: Listed, *, enters: bool) -> None:
        t = self._visitor.t
        if enters:
            said = t.n("{count} contact came on it.", "{count} contacts came on it.", listed.moved)
        else:
            said = t.n(
                "{count} contact went off it.", "{count} contacts went off it.", listed.moved
            )
        self._say(said)
        with self._told:
            if listed.unchanged:
                words(
                    t.n("{count} was so already.", "{count} were so already.", listed.unchanged),
                    "cz-soft cz-small",
                )
            if listed.unknown:
                names = ", ".join(listed.unknown[:_MOST_UNKNOWN_SHOWN])
                words(t("Nobody is known as: {names}", names=names), "cz-warn cz-small")
        if not listed.unknown:
            self._text.set_value("")

    def _say(self, text: str) -> None:
        self._told.clear()
        with self._told:
            words(text)
