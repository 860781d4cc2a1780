"""Dialogs that make a key, a webhook source, a form."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.runtime import Designer
from designer.sources.shown_once import show_once
from designer.sources.terms import SIGNATURES
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from engine.services.forms import add_form
from engine.services.hooks import OWN_HEADER, add_source
from engine.services.write_keys import create_write_key

_MOST: Final = 200


class Making:
    """`show` draws the page anew after something was made."""

    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor

    def key(self, source: str = "") -> None:
        t = self._visitor.t
        yes_no = {
            "no": t("No: it may stand in pages and apps"),
            "yes": t("Yes: it is kept on our servers"),
        }
        FormDialog(
            t,
            t("New write key"),
            t("A site, an app or a server reports what people do with it, in its own name."),
            [
                Blank(
                    "source",
                    t("Source"),
                    source,
                    t("Small letters, digits, dots, - and _, such as website."),
                    fixed=bool(source),
                ),
                Blank("may_merge", t("May it make two contacts one?"), "no", choices=yes_no),
            ],
            t("Make the key"),
            self._make_key,
            mark="key",
        )

    async def _make_key(self, given: dict[str, str]) -> None:
        actor, t = await self._designer.actor(self._visitor.token), self._visitor.t
        async with self._designer.transaction() as session:
            made = await create_write_key(
                session,
                actor,
                given["source"].strip()[:_MOST],
                may_merge=given["may_merge"] == "yes",
            )
        address = self._designer.runtime.public_url
        show_once(
            t,
            t("The key of “{source}”", source=made.source),
            t("Give it to a client of Segment, RudderStack or PostHog, with this server as host."),
            made.key,
            f"curl -u {made.key}: {address}/v1/track \\\n"
            '  -d \'{"userId": "ada", "event": "Signed Up"}\'',
            then="/sources",
        )

    def webhook(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("New webhook"),
            t("Another system reports what happened there. How its documents are read comes next."),
            [
                Blank(
                    "name",
                    t("Short name"),
                    "",
                    t("Small letters, digits, - and _, such as billing."),
                ),
                Blank(
                    "signature",
                    t("How it signs"),
                    "standard",
                    choices={key: t(name) for key, name in SIGNATURES.items()},
                ),
                Blank(
                    "signature_header",
                    t("Header of the signature"),
                    "",
                    t("Only for headers of their own, such as X-Signature."),
                ),
                Blank(
                    "secret",
                    t("Their secret, if they made one"),
                    "",
                    t("Empty: one is made here, and shown once."),
                ),
                Blank(
                    "email",
                    t("Where the document has the e-mail address"),
                    "",
                    t("A place such as data.customer.email."),
                    places=("/contact",),
                ),
                Blank("user_id", t("Where it has your id of the contact"), ""),
                Blank("event_path", t("Where it names what happened"), "", places=("/event",)),
            ],
            t("Make it"),
            self._make_webhook,
            mark="webhook",
        )

    async def _make_webhook(self, given: dict[str, str]) -> None:
        actor, t = await self._designer.actor(self._visitor.token), self._visitor.t
        paths = {name: given[name].strip()[:_MOST] for name in ("email", "user_id")}
        name, signature = given["name"].strip()[:_MOST], given["signature"]
        secret = given["secret"].strip() or None
        async with self._designer.transaction() as session:
            made = await add_source(
                session,
                actor,
                self._designer.runtime.secrets,
                name,
                contact={key: path for key, path in paths.items() if path},
                event_path=given["event_path"].strip()[:_MOST] or None,
                secret=secret,
                signature=signature,
                signature_header=(
                    given["signature_header"].strip()[:_MOST] if signature in OWN_HEADER else None
                ),
                now=self._designer.now(),
            )
        if secret is None:
            text = t("Give it to the other system, with the address it reports to:")
            address = f"{self._designer.runtime.public_url}/hooks/in/{made.name}"
            title, then = t("The secret of “{source}”", source=made.name), f"/sources/hooks/{name}"
            show_once(t, title, text, made.secret, address, then=then)
        else:
            ui.navigate.to(f"/sources/hooks/{made.name}")

    def form(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("New form"),
            t("Anybody may send it, from a page of yours or from its own. It asks for an address."),
            [
                Blank("name", t("Name in its address"), "", t("Such as newsletter.")),
                Blank("title", t("Title"), ""),
                Blank(
                    "wording",
                    t("What people agree to"),
                    "",
                    t("They say yes once more from their address before anything is sent."),
                    lines=True,
                ),
            ],
            t("Make it"),
            self._make_form,
            mark="form-made",
        )

    async def _make_form(self, given: dict[str, str]) -> None:
        actor = await self._designer.actor(self._visitor.token)
        document = {"title": given["title"], "wording": given["wording"], "consent": "confirm"}
        name = given["name"].strip()[:_MOST]
        async with self._designer.transaction() as session:
            await add_form(session, actor, name, document, self._designer.now())
        ui.navigate.to(f"/forms/{name}")
