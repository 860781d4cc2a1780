"""Choosing whose letter is shown."""

from __future__ import annotations

from typing import Final

from designer.components.search_box import search_box
from designer.letter_asked import Asked
from designer.letter_words import ruling_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, card, icon, words
from engine.errors import NotSignedIn
from engine.services.trying_messages import Preview
from engine.services.views.contacts import ContactLine, contact_table

MOST_FOUND: Final = 8


def contact_card(designer: Designer, visitor: Visitor, asked: Asked, seen: Preview | None) -> None:
    """Who is shown now, and a search for somebody else; each find is a link."""
    t = visitor.t
    with card(t("As whom?")) as place:
        place.mark("as-whom")
        with block("cz-pad cz-stack cz-tight"):
            _present(visitor, asked, seen)
            found = block("cz-stack cz-tight")

            async def search(text: str) -> None:
                lines = await _find(designer, visitor, text)
                found.clear()
                with found:
                    for line in lines:
                        _find_line(line, asked)
                    if text and not lines:
                        words(t("Nobody is called like this"), "cz-soft cz-small")

            search_box(t("Name or e-mail"), "", search)
            found.move(target_index=-1)


def _present(visitor: Visitor, asked: Asked, seen: Preview | None) -> None:
    t = visitor.t
    if asked.contact is None:
        words(t("Somebody made up: the sample contact of the templates"), "cz-soft")
        return
    with block("cz-row"):
        if seen is not None and seen.contact_id is not None:
            anchor(f"/contacts/{seen.contact_id}", seen.contact, "cz-strong")
            words(seen.address, "cz-soft cz-small")
        else:
            words(asked.contact, "cz-strong")
        with anchor(asked.as_seen_by(None), classes="cz-chip") as drop:
            drop.props["aria-label"] = t("Show the sample contact again")
            icon("close", "14px")
    if seen is not None and seen.ruling is not None:
        text, tone = ruling_words(seen.ruling, visitor)
        words(text, f"cz-{tone} cz-small")


async def _find(designer: Designer, visitor: Visitor, text: str) -> tuple[ContactLine, ...]:
    if not text:
        return ()
    try:
        actor = await designer.actor(visitor.token)
    except NotSignedIn:
        ask_to_sign_in()
        return ()
    async with designer.transaction() as session:
        page = await contact_table(
            session,
            actor,
            sorting="name",
            search=text,
            direction="first",
            mark=None,
            limit=MOST_FOUND,
        )
    return tuple(page.lines)


def _find_line(line: ContactLine, asked: Asked) -> None:
    with anchor(asked.as_seen_by(str(line.id)), classes="cz-find"):
        words(line.name, "cz-strong")
        words(line.email or "", "cz-soft cz-small")
