"""Who looks at a page, and how they want to see it."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from nicegui import ui
from starlette.requests import Request

from designer.formats import Formats
from designer.i18n import Language, Translator, as_language, preferred, translator
from engine.local_time import is_zone
from engine.services.actor import Actor

LANGUAGE_COOKIE: Final = "cadenza_language"
THEME_COOKIE: Final = "cadenza_theme"
ZONE_COOKIE: Final = "cadenza_zone"
_KEY: Final = "cadenza_visitor"
_asking: ContextVar[Visitor | None] = ContextVar("cadenza_asking", default=None)


@dataclass(frozen=True, slots=True)
class Visitor:
    """`actor` is None before sign-in; `dark` None follows the device; `zone` is the browser's."""

    actor: Actor | None
    token: str | None
    language: Language
    dark: bool | None
    zone: str

    @property
    def t(self) -> Translator:
        return translator(self.language)

    @property
    def formats(self) -> Formats:
        return Formats(self.language, self.zone)

    @property
    def somebody(self) -> Actor:
        """The signed-in person; the guard lets nobody else reach a page."""
        if self.actor is None:
            raise RuntimeError(
                "a page was built for nobody; the guard must stand before every page"
            )
        return self.actor


def cookies_of(header: str) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def recognise(
    cookies: dict[str, str],
    accept_language: str,
    *,
    actor: Actor | None = None,
    token: str | None = None,
    own_language: str | None = None,
) -> Visitor:
    """A choice made here wins over the person's own language, that over the browser's."""
    chosen = as_language(cookies.get(LANGUAGE_COOKIE)) or as_language(own_language)
    zone = cookies.get(ZONE_COOKIE, "")
    return Visitor(
        actor=actor,
        token=token,
        language=chosen or preferred(accept_language),
        dark={"dark": True, "light": False}.get(cookies.get(THEME_COOKIE, "")),
        zone=zone if zone and is_zone(zone) else "UTC",
    )


def remember(scope: MutableMapping[str, Any], visitor: Visitor) -> None:
    """For this request and for what is called on its behalf."""
    scope.setdefault("state", {})[_KEY] = visitor
    _asking.set(visitor)


def asking() -> Visitor | None:
    """The visitor whose request is being answered, where NiceGUI hands no request on."""
    return _asking.get()


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor | None:
    """Whom the guard saw; None where it did not look."""
    found = scope.get("state", {}).get(_KEY)
    return found if isinstance(found, Visitor) else None


def visitor_of(request: Request) -> Visitor:
    found = visitor_in(request.scope)
    if found is None:
        raise TypeError("the guard did not look at this request; mount the designer with it")
    return found


def current() -> Visitor:
    """The visitor of the page being built or of the event being handled."""
    request = ui.context.client.request
    if request is None:
        raise RuntimeError("there is no visitor outside a page")
    return visitor_of(request)
