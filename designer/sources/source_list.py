"""Write keys and webhooks in two cards, each with its last use and a way to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.runtime import Designer
from designer.sources.making import Making
from designer.sources.terms import SIGNATURES
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, words
from engine.services.actor import may
from engine.services.hooks import KnownSource
from engine.services.write_keys import KnownWriteKey, revoke_write_key


class SourceList:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor
        self._making = Making(designer, visitor)
        self._keeps_keys = may(visitor.somebody, "manage", "write_key")
        self._makes_hooks = may(visitor.somebody, "create", "hook")

    def keys(self, found: Sequence[KnownWriteKey]) -> None:
        t = self._visitor.t
        text = t("Clients of Segment, RudderStack and PostHog report with a key of their source.")
        make = self._making.key if self._keeps_keys else None
        with self._card(t("Write keys"), text, t("New key"), "vpn_key", make, "key"):
            for one in found:
                with block(tag="li").mark(f"key-{one.source}"):
                    self._said(one.source, f"{one.prefix}…", one.last_used_at)
                    if one.may_merge:
                        chip(t("May merge"), "accent")
                    if one.revoked_at is not None:
                        chip(t("Revoked"))
                        if self._keeps_keys:
                            plain_button(t("New key"), partial(self._making.key, one.source))
                    elif self._keeps_keys:
                        self._revoke(one.source)

    def _revoke(self, source: str) -> None:
        t = self._visitor.t

        async def revoke() -> None:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await revoke_write_key(session, actor, source, self._designer.now())
            ui.navigate.to("/sources")

        with block().mark(f"revoke-{source}"):
            asking_button(
                t,
                "block",
                t("Revoke"),
                t("Revoke the key of “{source}”?", source=source),
                t("What still uses it is refused within seconds, and its events are lost to us."),
                revoke,
            )

    def webhooks(self, found: Sequence[KnownSource]) -> None:
        t = self._visitor.t
        text = t("Other systems send signed documents; a mapping says what they mean.")
        title, name = t("Webhooks that come in"), t("New webhook")
        make = self._making.webhook if self._makes_hooks else None
        with self._card(title, text, name, "webhook", make, "webhook"):
            for one in found:
                with block(tag="li").mark(f"hook-{one.name}"):
                    said = t(SIGNATURES.get(one.signature, one.signature))
                    address = f"/sources/hooks/{one.name}"
                    self._said(one.name, said, one.last_used_at, address)
                    if not one.active:
                        chip(t("Paused"), "warn")

    def _card(
        self,
        title: str,
        text: str,
        name: str,
        symbol: str,
        make: Callable[[], None] | None,
        mark: str,
    ) -> ui.element:
        with card():
            with block("cz-card__head"):
                with block("cz-grow"):
                    words(title, "cz-h2", tag="h2")
                    words(text, "cz-soft cz-small", tag="p")
                if make is not None:
                    plain_button(name, make, symbol=symbol).mark(f"new-{mark}")
            return block("cz-src__list", tag="ul")

    def _said(
        self, name: str, sub: str, used_at: datetime | None, address: str | None = None
    ) -> None:
        t = self._visitor.t
        with block("cz-grow"):
            if address:
                anchor(address, name, "cz-strong")
            else:
                words(name, "cz-strong")
            used = (
                t("last used {when}", when=self._visitor.formats.moment(used_at))
                if used_at
                else t("not used yet")
            )
            words(f"{sub} · {used}", "cz-soft cz-small", tag="div")
