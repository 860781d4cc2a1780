"""`/a/{token}`: one of our own people answers from a mail, without signing in.

Reading the page changes nothing, because programs of mail servers follow links too; only its
buttons do. The link is for one person and one voice, and ends with what it is about.
"""

from __future__ import annotations

import hashlib
from html import escape
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.parts import Parts
from engine.api.public.case_answer import case_claim, show_case_page, take_up
from engine.api.public.forms import form_of
from engine.api.public.gate import Gate
from engine.api.public.page import Language, language_of, page, refusal
from engine.api.public.words import ANSWER
from engine.errors import NotAllowed, NotFound, Unavailable
from engine.people import Person
from engine.services.actor import Actor
from engine.services.approvals.codes import ACCEPTED, sentence
from engine.services.approvals.doors import give_answer
from engine.services.approvals.reading import Entry, has_voted, read_request
from engine.services.approvals.reading import Request as Asked
from engine.services.links.tokens import Kind
from engine.services.roles.acting import actor_of
from engine.services.work import working

# Twelve characters of the form for a letter of any script.
_MOST_BYTES: Final = 12 * 2_000 + 4_096
_VERBS: Final = frozenset({"approve", "reject"})


def answer_router(parts: Parts) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(parts.unsubscribe_links.signed, Kind.ANSWER, parts.now)

    @router.api_route("/a/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        if (case := case_claim(gate.claim_within(request, token))) is not None:
            return await show_case_page(parts, request, case)
        claim = _claim(gate, request, token)
        if isinstance(claim, Response):
            return claim
        found = await _asked(parts, claim)
        if found is None:
            return refusal("gone", language_of(None, request))
        asked, history, person, _ = found
        language = language_of(person.language, request)
        if not asked.can_decide:
            return _late(language)
        return page(language, ANSWER[language]["title"], _form(asked, history, language))

    @router.post("/a/{token}")
    async def act(request: Request, token: str) -> Response:
        if (case := case_claim(gate.claim_within(request, token))) is not None:
            return await take_up(parts, request, case, token)
        claim = _claim(gate, request, token)
        if isinstance(claim, Response):
            return claim
        form = await form_of(request, _MOST_BYTES)
        verb = form.get("verb", [""])[0]
        found = await _asked(parts, claim)
        if found is None or verb not in _VERBS:
            return refusal("gone" if found is None else "bad", language_of(None, request))
        asked, history, person, actor = found
        language = language_of(person.language, request)
        given: dict[str, Any] = {"seat": claim[1]}
        # NUL cannot be kept
        if comment := form.get("comment", [""])[0].replace("\0", "").strip():
            given["comment"] = comment
        try:
            answered = await give_answer(
                parts.pokes,
                actor,
                claim[0],
                verb,
                given,
                door="link",
                answer_id=_answer_id(token, verb, comment),
            )
        except Unavailable:
            words = ANSWER[language]
            alert = f"<p role='alert'>{escape(words['away'])}</p>"
            body = alert + _form(asked, history, language, comment)
            return page(language, words["away_title"], body, 503)
        # with other words it is another answer: the first may have counted after all
        if answered.code != ACCEPTED and not await _voted(parts, claim, verb):
            return _late(language, sentence(answered.code, language))
        words = ANSWER[language]
        return page(language, words["done_title"], f"<p>{escape(words[f'done_{verb}'])}</p>")

    return router


def _claim(gate: Gate, request: Request, token: str) -> tuple[int, int, int] | Response:
    """Request, seat and person."""
    claim = gate.claim_within(request, token)
    match claim:
        case ("approval", int(request_id), int(seat), int(user_id)):
            return request_id, seat, user_id
        case Response():
            return claim
    return refusal("bad", language_of(None, request))


async def _asked(
    parts: Parts, claim: tuple[int, int, int]
) -> tuple[Asked, list[Entry], Person, Actor] | None:
    """None when the request or the person is gone, or may not look any more."""
    request_id, _, user_id = claim
    async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
        person = (await work.directory()).people.get(user_id)
        if person is None or not person.active:
            return None
        actor = await actor_of(work.session, person)
        try:
            asked, history = await read_request(work, actor, request_id)
        except (NotAllowed, NotFound):
            return None
    return asked, list(history), person, actor


async def _voted(parts: Parts, claim: tuple[int, int, int], verb: str) -> bool:
    request_id, seat, user_id = claim
    async with parts.store.transaction() as session:
        return await has_voted(session, request_id, seat, user_id, verb)


def _answer_id(token: str, verb: str, comment: str) -> str:
    """The same button pressed twice is one answer; another word is another, and then too late."""
    said = f"{token}:{verb}:{comment}".encode()
    return f"link-{hashlib.sha256(said).hexdigest()[:32]}"


def _late(language: Language, why: str | None = None) -> Response:
    words = ANSWER[language]
    return page(language, words["late_title"], f"<p>{escape(why or words['late'])}</p>", 409)


def _form(asked: Asked, history: list[Entry], language: Language, comment: str = "") -> str:
    words = ANSWER[language]
    lines = [f"<p><strong>{escape(asked.title.in_language(language))}</strong></p>"]
    lines += [
        f"<p>{escape(line)}</p>"
        for line in asked.body.in_language(language).splitlines()
        if line.strip()
    ]
    facts = [*_facts(asked, words)]
    if facts:
        lines.append("".join(f"<p class='soft'>{escape(fact)}</p>" for fact in facts))
    for entry in history[-5:]:
        if entry.comment:
            lines.append(f"<p class='soft'>{escape(entry.by or '')}: “{escape(entry.comment)}”</p>")
    lines.append(
        '<form method="post">'
        f"<p><label for='c'>{escape(words['comment'])}</label>"
        "<textarea id='c' name='comment' rows='3' maxlength='2000' style='width:100%;font:inherit'>"
        # a browser drops the first line break
        f"\n{escape(comment)}</textarea></p>"
        f'<button name="verb" value="approve">{escape(words["approve"])}</button> '
        f'<button class="quiet" name="verb" value="reject">{escape(words["reject"])}</button>'
        "</form>"
        f'<p class="more soft">{escape(words["sign_in"])}</p>'
    )
    return "".join(lines)


def _facts(asked: Asked, words: Any) -> list[str]:
    facts = []
    if asked.requester:
        facts.append(f"{words['for']}: {asked.requester}")
    if asked.amount is not None:
        facts.append(f"{words['amount']}: {asked.amount.shown()}")
    facts += [
        f"{name}: {value}"
        for name, value in asked.facts.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    if asked.deadline is not None:
        facts.append(f"{words['until']}: {asked.deadline:%Y-%m-%d %H:%M} UTC")
    return facts
