"""`/p/{token}`: a contact says what may be sent to them, about what, how often and how.

Reading changes nothing. No sign-in, no script, no cookie: the token is the permission, and nobody
who lacks it can make a browser send this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.public.door import Door
from engine.api.public.forms import form_of
from engine.api.public.gate import Gate
from engine.api.public.page import Language, language_of, page, refusal
from engine.api.public.words import PREFERENCES
from engine.errors import NotFound
from engine.services import consent
from engine.services.actor import Actor
from engine.services.links.tokens import Kind
from engine.services.messages import until_nothing_is_under_way
from engine.services.preferences import Choice, Topic, choose
from engine.services.preferences.page import Shown, what_to_show

SOURCE: Final = "preferences_page"
FREQUENCIES: Final = ("every", "daily", "weekly")


def preferences_router(door: Door) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(door.links, Kind.PREFERENCES, door.now)

    @router.api_route("/p/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        contact_id = _contact(gate, request, token)
        if isinstance(contact_id, Response):
            return contact_id
        shown = await _shown(door, contact_id)
        if shown is None:
            return refusal("gone", language_of(None, request))
        language = language_of(shown.language, request)
        return page(language, PREFERENCES[language]["title"], _form(shown, language))

    @router.post("/p/{token}")
    async def act(request: Request, token: str) -> Response:
        contact_id = _contact(gate, request, token)
        if isinstance(contact_id, Response):
            return contact_id
        form = await form_of(request)
        shown = await _shown(door, contact_id)
        if shown is None:
            return refusal("gone", language_of(None, request))
        language = language_of(shown.language, request)
        try:
            everything = form.get("scope") == ["all"]
            if everything:
                touched = await _stop(door, contact_id)
            else:
                touched = await _keep(door, contact_id, shown, form)
        except NotFound:
            return refusal("gone", language)
        door.poke(touched)
        ended = await until_nothing_is_under_way(door.store, contact_id)
        return _done("stopped" if everything else "saved", language, leaving=not ended)

    return router


def _contact(gate: Gate, request: Request, token: str) -> int | Response:
    claim = gate.claim_within(request, token)
    match claim:
        case (int(contact_id),):
            return contact_id
        case Response():
            return claim
    return refusal("bad", language_of(None, request))


async def _shown(door: Door, contact_id: int) -> Shown | None:
    async with door.store.transaction() as session:
        return await what_to_show(session, contact_id)


async def _keep(
    door: Door, contact_id: int, shown: Shown, form: dict[str, list[str]]
) -> frozenset[int]:
    """What the form says of what it showed; of what the page did not offer, or does not any more,
    nothing is taken."""
    if form.get("scope") != ["choice"]:
        return frozenset()
    ticked, frequency = set(form.get("topic", ())), form.get("often", [""])[0]
    ways = set(form.get("way", ()))
    seen, seen_ways = set(form.get("shown", ())), set(form.get("shown_way", ()))
    choice = Choice(
        topics={topic.slug: topic.slug in ticked for topic in shown.topics if topic.slug in seen},
        frequency=frequency if frequency in FREQUENCIES else None,
        unmeasured=form.get("unmeasured") == ["yes"],
        media={medium: medium in ways for medium in shown.media if medium in seen_ways},
    )
    async with door.store.transaction() as session:
        change = await choose(
            session,
            _subject(contact_id),
            contact_id,
            choice,
            source=SOURCE,
            now=door.now(),
            partitions=door.partitions,
        )
    return change.event_partitions


async def _stop(door: Door, contact_id: int) -> frozenset[int]:
    async with door.store.transaction() as session:
        change = await consent.withdraw(
            session,
            _subject(contact_id),
            contact_id,
            source=SOURCE,
            now=door.now(),
            partitions=door.partitions,
            all_mail=True,
        )
    return change.event_partitions


def _subject(contact_id: int) -> Actor:
    return Actor("subject", contact_id, f"Contact {contact_id}")


def _form(shown: Shown, language: Language) -> str:
    words = {key: escape(value) for key, value in PREFERENCES[language].items()}
    parts: list[str] = []
    if shown.suppressed is not None:
        said = "suppressed" if shown.suppressed == consent.UNSUBSCRIBED else "unreachable"
        parts.append(f'<p role="status"><strong>{words[said]}</strong></p>')
    parts.append('<form method="post">')
    parts += [_showed("shown", topic.slug) for topic in shown.topics]
    parts += [_showed("shown_way", medium) for medium in shown.media]
    if shown.topics:
        parts.append(_fieldset(words["topics"], _topics(shown, language)))
    offered = _offered(shown.topics)
    chosen = shown.preference.frequency
    parts.append(
        _fieldset(
            words["often"],
            [
                _tick(
                    "radio", "often", one, words[one], words.get(f"{one}_help", ""), one == chosen
                )
                for one in FREQUENCIES
                if one in offered or one == chosen
            ],
        )
    )
    ways = [
        _tick("checkbox", "way", medium, words[medium], "", granted)
        for medium, granted in shown.media.items()
    ]
    parts.append(_fieldset(words["ways"], [*ways, f'<p class="soft">{words["ways_help"]}</p>']))
    look = _tick(
        "checkbox", "unmeasured", "yes", words["unmeasured"], "", shown.preference.unmeasured
    )
    parts.append(_fieldset(words["measure"], [look]))
    parts.append(f'<button name="scope" value="choice">{words["save"]}</button></form>')
    parts.append(
        f'<form class="more" method="post"><p>{words["stop"]}</p>'
        f'<button class="quiet" name="scope" value="all">{words["stop_all"]}</button></form>'
    )
    return "".join(parts)


def _topics(shown: Shown, language: Language) -> list[str]:
    chosen = shown.preference.topics
    return [
        _tick(
            "checkbox",
            "topic",
            topic.slug,
            escape(topic.label_in(language)),
            escape(topic.help_in(language)),
            chosen.get(topic.slug, topic.default_on),
        )
        for topic in shown.topics
    ]


def _offered(topics: Sequence[Topic]) -> frozenset[str]:
    """How often may be chosen: what topics allow, and everything where none says."""
    allowed = frozenset(one for topic in topics for one in topic.frequencies)
    return allowed | {"every"} if allowed else frozenset(FREQUENCIES)


def _showed(name: str, value: str) -> str:
    """That this was there to be ticked: what is added while somebody reads was not."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _fieldset(legend: str, rows: Sequence[str]) -> str:
    return f"<fieldset><legend>{legend}</legend>{''.join(rows)}</fieldset>"


def _tick(kind: str, name: str, value: str, label: str, more: str, checked: bool) -> str:
    """A line to tick. `label` and `more` are escaped already."""
    help_ = f"<small>{more}</small>" if more else ""
    return (
        f'<label><input type="{kind}" name="{name}" value="{escape(value)}"'
        f"{' checked' if checked else ''}><span>{label}{help_}</span></label>"
    )


def _done(kind: str, language: Language, *, leaving: bool) -> Response:
    words = PREFERENCES[language]
    more = f"<p>{escape(words['leaving'])}</p>" if leaving else ""
    if kind == "saved":
        more += f'<p><a href="">{escape(words["back"])}</a></p>'
    return page(language, words[f"{kind}_title"], f"<p>{escape(words[kind])}</p>{more}")
