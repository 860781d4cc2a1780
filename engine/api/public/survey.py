"""`/s/{token}`: what a customer thought of a closed ticket, from 1 to 5, said once.

Reading changes nothing, because programs follow links too; only the button does.
"""

from __future__ import annotations

from html import escape
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.api.parts import Parts
from engine.api.public.door import Door
from engine.api.public.forms import form_of
from engine.api.public.gate import Gate
from engine.api.public.page import Language, language_of, page, refusal
from engine.api.public.words import SURVEY
from engine.errors import NotFound
from engine.services.links.tokens import Kind
from engine.services.tickets import ShownSurvey, SurveyStanding, give_satisfaction, survey_shown
from engine.services.work import working

_SCORES: Final = {str(score): score for score in range(1, 6)}
_LONGEST: Final = 2_000
# Twelve characters of the form for a letter of any script, and room to be told of too many.
_MOST_BYTES: Final = 12 * _LONGEST + 8_192


def survey_router(door: Door, parts: Parts) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    gate = Gate(door.links, Kind.SURVEY, door.now)

    async def seen(request: Request, token: str) -> tuple[ShownSurvey, Language] | Response:
        claim = gate.claim_within(request, token)
        match claim:
            case (int(ticket_id),):
                pass
            case Response():
                return claim
            case _:
                return refusal("bad", language_of(None, request))
        try:
            async with door.store.transaction() as session:
                shown = await survey_shown(session, ticket_id, door.now())
        except NotFound:
            return refusal("gone", language_of(None, request))
        return shown, language_of(shown.language, request)

    @router.api_route("/s/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        found = await seen(request, token)
        if isinstance(found, Response):
            return found
        shown, language = found
        if shown.standing is not SurveyStanding.OPEN:
            return _said(shown.standing, language)
        return _form(shown, language)

    @router.post("/s/{token}")
    async def act(request: Request, token: str) -> Response:
        form = await form_of(request, _MOST_BYTES)
        found = await seen(request, token)
        if isinstance(found, Response):
            return found
        shown, language = found
        score = _SCORES.get(form.get("score", [""])[0])
        comment = form.get("comment", [""])[0].replace("\0", "")
        if score is None or len(comment) > _LONGEST:
            said = "choose" if score is None else "long"
            return _form(shown, language, said, comment[:_LONGEST], 422)
        try:
            async with working(door.store, parts.shared, parts.pokes, door.now()) as work:
                before = await give_satisfaction(work, shown.ticket_id, score, comment)
        except NotFound:
            return refusal("gone", language)
        if before is SurveyStanding.OPEN:
            words = SURVEY[language]
            return page(language, words["done_title"], f"<p>{escape(words['done'])}</p>")
        return _said(before, language)

    return router


def _said(standing: SurveyStanding, language: Language) -> Response:
    words = SURVEY[language]
    if standing is SurveyStanding.GIVEN:
        return page(language, words["done_title"], f"<p>{escape(words['given'])}</p>")
    return page(language, words["over_title"], f"<p>{escape(words['over'])}</p>", 410)


def _form(
    shown: ShownSurvey,
    language: Language,
    trouble: str | None = None,
    comment: str = "",
    status: int = 200,
) -> Response:
    words = {key: escape(value) for key, value in SURVEY[language].items()}
    ticks = "".join(
        f'<label><input type="radio" name="score" value="{score}" required>'
        f"<span>{words[score]}</span></label>"
        for score in reversed(_SCORES)
    )
    alert = f'<p role="alert"><strong>{words[trouble]}</strong></p>' if trouble else ""
    about = words["about"].replace("{subject}", escape(shown.subject))
    body = (
        f'<p class="soft">{about}</p>{alert}<form method="post">'
        f"<fieldset><legend>{words['ask']}</legend>{ticks}</fieldset>"
        f'<p><label for="comment">{words["comment"]}</label>'
        f'<textarea id="comment" name="comment" rows="4" maxlength="{_LONGEST}"'
        f' style="width:100%;font:inherit">{escape(comment)}</textarea></p>'
        f"<button>{words['send']}</button></form>"
    )
    return page(language, words["title"], body, status)
