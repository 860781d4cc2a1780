"""Why somebody is in a segment, or is not."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.contact_picker import pick_contact
from designer.problem_words import all_words
from designer.rule_builder.reasons import tree
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, chip, words
from engine.errors import CadenzaError, NotSignedIn
from engine.rules import Catalogue, RuleRefused
from engine.rules.wording import as_json, sentence
from engine.services.segments.looking import Membership, why


async def why_member(
    designer: Designer, visitor: Visitor, name: str, catalogue: Catalogue, place: ui.element
) -> None:
    """Ask for a contact and write the reasons into `place`."""
    t = visitor.t
    contact = await pick_contact(designer, visitor, t("Why who?"))
    if contact is None:
        return
    zone = designer.runtime.settings.company.default_zone
    place.clear()
    try:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            found = await why(session, actor, name, contact, designer.now(), zone)
    except NotSignedIn:
        ask_to_sign_in()
        return
    except CadenzaError as error:
        with place:
            words(all_words(error, t, "rule"), "cz-bad")
        return
    except RuleRefused as refused:
        with place:
            words(str(refused), "cz-bad")
        return
    with place:
        _reasons(found, visitor, catalogue, zone)


def _reasons(found: Membership, visitor: Visitor, catalogue: Catalogue, zone: str) -> None:
    t = visitor.t
    name = " ".join(filter(None, (found.first_name, found.last_name)))
    with block("rb-why").mark("member-reasons"):
        with block("cz-row"):
            anchor(f"/contacts/{found.contact_id}", name or found.email or f"#{found.contact_id}")
            if found.is_member:
                chip(t("Is in it"), "good")
            else:
                chip(t("Is not in it"), "plain")
            if found.entered_at is not None:
                since = visitor.formats.moment(found.entered_at)
                words(t("since {moment}", moment=since), "cz-soft cz-small")
        if found.explained is None:
            words(t("Who is on this list was put there by hand."), "cz-soft cz-small", tag="p")
            return
        if found.explained.truth != found.is_member:
            text = t("The rule says otherwise just now; the next look will put it right.")
            words(text, "cz-warn cz-small", tag="p")
        said: Any = sentence(found.explained, t.short, catalogue, zone)
        words(said, "cz-small", tag="p")
        tree(as_json(found.explained, catalogue), visitor)
