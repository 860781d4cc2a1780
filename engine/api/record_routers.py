"""The operations on records, flows and what moves them, as routers."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.routes.accounts import accounts_router
from engine.api.routes.activities import activities_router
from engine.api.routes.calendars import calendars_router
from engine.api.routes.contact_deeds import contact_deeds_router
from engine.api.routes.contacts import contacts_router
from engine.api.routes.decision_tables import decision_tables_router
from engine.api.routes.fields import fields_router
from engine.api.routes.flow_people import flow_people_router
from engine.api.routes.flows import flows_router
from engine.api.routes.happenings import happenings_router
from engine.api.routes.imports import imports_router
from engine.api.routes.jobs import jobs_router
from engine.api.routes.mailbox import mailbox_router
from engine.api.routes.messages import messages_router
from engine.api.routes.runs import runs_router
from engine.api.routes.scoring_models import scoring_models_router
from engine.api.routes.suppressions import suppressions_router
from engine.api.routes.views import views_router


def record_routers(parts: Parts, heavy: HeavyLine) -> tuple[APIRouter, ...]:
    return (
        contacts_router(parts),
        contact_deeds_router(parts),
        accounts_router(parts),
        activities_router(parts),
        happenings_router(parts),
        flows_router(parts, heavy),
        flow_people_router(parts),
        runs_router(parts),
        messages_router(parts),
        suppressions_router(parts),
        mailbox_router(parts),
        decision_tables_router(parts),
        scoring_models_router(parts),
        calendars_router(parts),
        views_router(parts),
        fields_router(parts),
        imports_router(parts),
        jobs_router(parts),
    )
