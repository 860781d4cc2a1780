"""`/a/{token}` for a case: taking it up from a mail, without signing in.

The page shows what it is about; only its button takes it up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape
from typing import Final

from fastapi import Request
from starlette.responses import Response

from engine.api.parts import Parts
from engine.api.public.page import Language, Words, language_of, page, refusal
from engine.errors import Conflict, NotAllowed, NotFound, Unavailable
from engine.people import Person
from engine.services.actor import Actor
from engine.services.escalations import ListedCase, answer_as, show_case
from engine.services.escalations.telling_people import LINK_CLAIM
from engine.services.people_shelf import PeopleShelf
from engine.services.roles.acting import actor_of

Claim = tuple[int, int]

_WORDS: Final[Words] = {
    "en": {
        "title": "Take it up?",
        "take": "I take it up",
        "told": "Nobody else is told while you have it.",
        "done_title": "You have it",
        "done": "Say in Cadenza when it is resolved.",
        "late_title": "Too late",
        "late": "Somebody else has taken it up, or it is over.",
        "away_title": "Not now",
        "away": "Your answer could not be taken just now. Try again in a moment.",
    },
    "zh": {
        "title": "要接手吗？",
        "take": "由我接手",
        "told": "在您处理期间不会通知其他人。",
        "done_title": "已由您接手",
        "done": "解决后请在 Cadenza 中标记。",
        "late_title": "已经晚了",
        "late": "已有其他人接手，或事项已结束。",
        "away_title": "暂时无法处理",
        "away": "目前无法接收您的答复，请稍后再试。",
    },
}


def case_claim(claim: Sequence[object] | Response) -> Claim | None:
    """Case and person, where the link is about a case."""
    match claim:
        case (word, int(case_id), int(user_id)) if word == LINK_CLAIM:
            return case_id, user_id
    return None


async def show_case_page(parts: Parts, request: Request, claim: Claim) -> Response:
    """Changes nothing: programs of mail servers follow links too."""
    found = await _found(parts, claim)
    if found is None:
        return refusal("gone", language_of(None, request))
    case, person, _, _ = found
    language = language_of(person.language, request)
    words = _WORDS[language]
    if case.ended_at is not None or case.status == "acknowledged":
        return _late(case, person, language)
    return page(language, words["title"], _form(case, language))


async def take_up(parts: Parts, request: Request, claim: Claim, token: str) -> Response:
    """The same button pressed twice is one answer, until the case changes hands: pressed again
    after that it is another."""
    found = await _found(parts, claim)
    if found is None:
        return refusal("gone", language_of(None, request))
    case, person, actor, hands = found
    language = language_of(person.language, request)
    words = _WORDS[language]
    meant = f"{token}:acknowledge:{hands}"
    answer_id = f"link-{hashlib.sha256(meant.encode()).hexdigest()[:32]}"
    try:
        await answer_as(
            *(parts.store, parts.pokes, actor, case.id, "acknowledge"),
            door="link",
            answer_id=answer_id,
        )
    except Conflict:
        return _late(case, person, language)
    except (NotAllowed, NotFound):
        return refusal("gone", language)
    except Unavailable:
        alert = f"<p role='alert'>{escape(words['away'])}</p>"
        return page(language, words["away_title"], alert + _form(case, language), 503)
    return _done(language)


def _form(case: ListedCase, language: Language) -> str:
    words = _WORDS[language]
    body = case.body.in_language(language).splitlines()
    lines = [f"<p><strong>{escape(case.title.in_language(language))}</strong></p>"]
    lines += [f"<p>{escape(line)}</p>" for line in body if line.strip()]
    lines += [
        f"<p class='soft'>{escape(words['told'])}</p>",
        f'<form method="post"><button>{escape(words["take"])}</button></form>',
    ]
    return "".join(lines)


async def _found(parts: Parts, claim: Claim) -> tuple[ListedCase, Person, Actor, int] | None:
    """With who acts, and how often the case has changed hands. None when the case or the person is
    gone, or may not look any more."""
    case_id, user_id = claim
    async with parts.store.transaction() as session:
        person = (await PeopleShelf().directory(session)).people.get(user_id)
        if person is None or not person.active:
            return None
        actor = await actor_of(session, person)
        try:
            case, steps = await show_case(session, actor, case_id)
        except (NotAllowed, NotFound):
            return None
    return case, person, actor, sum(one.kind in ("taken", "reopened") for one in steps)


def _late(case: ListedCase, person: Person, language: Language) -> Response:
    if case.ended_at is None and case.acknowledged_by_id == person.id:
        return _done(language)
    words = _WORDS[language]
    return page(language, words["late_title"], f"<p>{escape(words['late'])}</p>", 409)


def _done(language: Language) -> Response:
    words = _WORDS[language]
    return page(language, words["done_title"], f"<p>{escape(words['done'])}</p>")
