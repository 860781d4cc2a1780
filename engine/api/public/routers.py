"""All doors behind links in letters."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.parts import Parts
from engine.api.public.answer import answer_router
from engine.api.public.confirm import confirm_router
from engine.api.public.door import Door
from engine.api.public.looks import looks_router
from engine.api.public.preferences import preferences_router
from engine.api.public.survey import survey_router
from engine.api.public.view import view_router
from engine.api.routes.unsubscribe import unsubscribe_router
from engine.services.links.looks import Looks


def public_routers(parts: Parts) -> tuple[APIRouter, ...]:
    partitions, poke = parts.settings.drivers.dispatch_partitions, parts.pokes.dispatch
    links = parts.unsubscribe_links.signed
    door = Door(parts.store, links, parts.now, partitions, poke)
    return (
        unsubscribe_router(
            parts.store, parts.unsubscribe_links, now=parts.now, partitions=partitions, poke=poke
        ),
        preferences_router(door),
        confirm_router(door, record_ip=parts.settings.tracking.record_ip),
        survey_router(door, parts),
        answer_router(parts),
        view_router(parts.store, links, parts.library, parts.sender_settings, parts.now),
        looks_router(links, Looks(parts.store, partitions, poke), parts.now),
    )
