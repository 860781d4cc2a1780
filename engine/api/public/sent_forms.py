"""`/f/{name}`: a form of ours as a page, and where forms of other sites send theirs.

No cookie and no session is looked at, so there is nothing that another site could misuse: whoever
sends a form does no more than anybody may. Programs are kept off by a field that people do not see
and by counts, and are told nothing about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Final
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import Response

from engine.api.problems import answer, answer_error
from engine.api.public.page import HEADERS, Language, language_of, page, refusal
from engine.api.public.sent_fields import JSON, MULTIPART, URLENCODED, FilesSent, fields_of
from engine.api.public.sent_form_page import WORDS, form_page, thanks_page
from engine.api.signed_hooks import content_type_of
from engine.api.taking import Taking
from engine.api.write_key_door import CROSS_ORIGIN, preflight
from engine.errors import CadenzaError, LimitReached, Refused
from engine.services.forms import KnownForm, SentForms
from engine.services.forms.model import TRAP
from engine.services.throttle import neighbourhood

MOST_BYTES: Final = 65_536
# A person sends a form once or twice; an office behind one address, some more.
ONE_PLACE: Final = RateLimitItemPerMinute(20, 1, "forms of a place")
ONE_FORM: Final = RateLimitItemPerMinute(600, 1, "a form")


def sent_forms_router(taking: Taking) -> APIRouter:
    router = APIRouter(tags=["public"], include_in_schema=False)
    door = _Door(taking)
    router.add_api_route("/f/{name}", door.show, methods=["GET", "HEAD"])
    router.add_api_route("/f/{name}", door.send, methods=["POST"])
    router.add_api_route("/f/{name}", preflight, methods=["OPTIONS"])
    return router


class _Door:
    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._now = taking.parts.now
        partitions = taking.parts.settings.drivers.dispatch_partitions
        self._forms = SentForms(taking.parts.store, taking.intake, partitions)
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    async def show(self, request: Request, name: str) -> Response:
        form = await self._forms.named(name[:80], self._now())
        language = language_of(None, request)
        if form is None:
            return refusal("gone", language)
        return _allowing(form, form_page(form, language))

    async def send(self, request: Request, name: str) -> Response:
        """A page for a browser, problem documents for a script that sends or wants JSON."""
        wants_json = _wants_json(request)
        language = language_of(None, request)
        try:
            response = await self._send(request, name[:80], language, wants_json=wants_json)
        except FilesSent as refused:
            self._taking.metrics.refused.labels("forms", refused.code).inc()
            response = answer_error(refused) if wants_json else _no_files(language)
        except Refused as refused:
            response = answer_error(refused)
        except CadenzaError as error:
            response = answer_error(error) if wants_json else _busy(error, language)
        response.headers.update(CROSS_ORIGIN)
        return response

    async def _send(
        self, request: Request, name: str, language: Language, *, wants_json: bool
    ) -> Response:
        self._count(request, name)
        form = await self._forms.named(name, self._now(), used=True)
        if form is None:
            if wants_json:
                return answer(410, "gone", "There is no such form any more.")
            return refusal("gone", language)
        given = await fields_of(request)
        if given is None:
            message = f"Send the form as {URLENCODED}, {MULTIPART} or {JSON}."
            return answer(415, "unknown_type", message)
        if given.get(TRAP):
            # told the same as everybody, so that nothing is learnt from it
            self._taking.metrics.refused.labels(f"form:{form.name}", "trap").inc()
            return _done(form, given, language, wants_json=wants_json)
        try:
            self._taking.check_room()
            taken = await self._forms.take(form, given, self._now())
        except Refused as refused:
            for one in refused.problems:
                self._taking.metrics.refused.labels(f"form:{form.name}", one.code).inc()
            if wants_json:
                return answer_error(refused)
            return _allowing(form, form_page(form, language, given, refused.problems))
        if taken.partitions:
            self._taking.parts.pokes.dispatch(taken.partitions)
        metrics = self._taking.metrics
        counted = metrics.accepted if taken.fresh else metrics.duplicates
        counted.labels(f"form:{form.name}").inc()
        return _done(form, given, language, wants_json=wants_json)

    def _count(self, request: Request, name: str) -> None:
        place = neighbourhood(request.client.host if request.client else "")
        if not (self._counter.hit(ONE_PLACE, place) and self._counter.hit(ONE_FORM, name)):
            raise LimitReached("Too many forms at once. Wait a minute.", timedelta(minutes=1))


def _wants_json(request: Request) -> bool:
    """A script that sends JSON, or asks for it: browsers that send a form ask for a page."""
    return content_type_of(request) == JSON or JSON in request.headers.get("accept", "").lower()


def _done(
    form: KnownForm, given: Mapping[str, str], language: Language, *, wants_json: bool
) -> Response:
    """To a listed page: the one that was asked for, else the first; else our own thanks."""
    listed = form.form.redirects
    wanted = given.get("next", "")
    target = wanted if wanted in listed else (listed[0] if listed else None)
    if wants_json:
        said = {"success": True, "confirm": form.form.consent == "confirm", "next": target}
        return Response(orjson.dumps(said), media_type="application/json")
    if target is not None:
        return Response(status_code=303, headers={"Location": target, "Cache-Control": "no-store"})
    return thanks_page(form, language)


def _allowing(form: KnownForm, shown: Response) -> Response:
    """Browsers ask the page's policy also where a sent form is redirected to."""
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, form.form.redirects)}
    policy = HEADERS["Content-Security-Policy"]
    allowed = " ".join(["form-action 'self'", *sorted(origins)])
    shown.headers["Content-Security-Policy"] = policy.replace("form-action 'self'", allowed)
    return shown


def _no_files(language: Language) -> Response:
    words = WORDS[language]
    return page(language, words["no_files_title"], f"<p>{escape(words['no_files'])}</p>", 422)


def _busy(error: CadenzaError, language: Language) -> Response:
    status = 429 if isinstance(error, LimitReached) else 503
    words = WORDS[language]
    shown = page(language, words["later_title"], f"<p>{escape(words['later'])}</p>", status)
    shown.headers["Retry-After"] = "60" if status == 429 else "5"
    return shown
