"""The web application without its designer, which the process mounts at `/` afterwards."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from engine.api import problems
from engine.api.description import description_of
from engine.api.edge import ApiDoor, BodyLimit, RequestId, SecurityHeaders, TimeLimit, Timing
from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.public.routers import public_routers
from engine.api.rates import HeavyLine, KeyRates
from engine.api.routes.absences import absences_router
from engine.api.routes.approvals import approvals_router
from engine.api.routes.assignments import assignments_router
from engine.api.routes.bounces import MOST_BYTES as MOST_BOUNCE_BYTES
from engine.api.routes.bounces import bounces_router
from engine.api.routes.channels import channels_router
from engine.api.routes.deals import deals_router
from engine.api.routes.definitions import definitions_router
from engine.api.routes.duty import duty_router
from engine.api.routes.escalations import escalations_router
from engine.api.routes.facts import facts_router
from engine.api.routes.files import MOST_BYTES as MOST_FILE_BYTES
from engine.api.routes.files import files_router
from engine.api.routes.flow_results import flow_results_router
from engine.api.routes.handovers import handovers_router
from engine.api.routes.health import health_router
from engine.api.routes.hooks import MOST_BYTES as MOST_HOOK_BYTES
from engine.api.routes.hooks import hooks_router
from engine.api.routes.ingest import ingest_router
from engine.api.routes.insight import insight_router
from engine.api.routes.message_results import message_results_router
from engine.api.routes.nothing import nothing_router
from engine.api.routes.notices import notices_router
from engine.api.routes.people import people_router
from engine.api.routes.pictures import pictures_router
from engine.api.routes.pipelines import pipelines_router
from engine.api.routes.preferences import preferences_api_router
from engine.api.routes.rules import rules_router
from engine.api.routes.segment_members import segment_members_router
from engine.api.routes.segments import segments_router
from engine.api.routes.sendgrid_events import MOST_BYTES as MOST_EVENT_BYTES
from engine.api.routes.sendgrid_events import sendgrid_events_router
from engine.api.routes.sending_policy import sending_policy_router
from engine.api.routes.targets import targets_router
from engine.api.routes.templates import templates_router
from engine.api.routes.ticket_policy import ticket_policy_router
from engine.api.routes.tickets import tickets_router
from engine.api.routes.topics import topics_router
from engine.api.routes.trying_flows import trying_flows_router
from engine.api.routes.trying_messages import trying_messages_router
from engine.services.api_keys import ApiKeys
from engine.services.imports import MOST_IMPORT_BYTES
from engine.services.secrets import SecretBox, box_of
from engine.services.sign_in import SignIns
from engine.services.write_keys import WriteKeys

MOST_BYTES: Final = 1_048_576
LONGEST: Final = timedelta(seconds=30)


def create_app(parts: Parts, *, registry: CollectorRegistry | None = None) -> FastAPI:
    """The API. `registry` is where metrics go and what `/metrics` shows.

    `app.state` has `parts`, `registry`, `key_rates`, `sign_ins` and `write_keys` for whoever mounts
    more.
    """
    registry = registry or CollectorRegistry()
    metrics = DoorMetrics(registry)
    api_keys, rates = ApiKeys(parts.store, parts.now), KeyRates()
    app = FastAPI(
        title="Cadenza",
        # FastAPI's page of the documentation fetches its scripts from somebody else's server.
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[
            Middleware(RequestId),
            Middleware(SecurityHeaders, https=parts.public_url.startswith("https://")),
            Middleware(Timing, seconds=metrics.request_seconds),
            Middleware(TimeLimit, limit=LONGEST),
            Middleware(ApiDoor, keys=api_keys, rates=rates),
            Middleware(
                BodyLimit,
                limits={
                    "/v1/": parts.settings.web.max_batch_bytes,
                    "/hooks/in/": MOST_HOOK_BYTES,
                    "/hooks/sendgrid": MOST_EVENT_BYTES,
                    "/hooks/bounces/": MOST_BOUNCE_BYTES,
                    "/api/files/": MOST_FILE_BYTES,
                    # a file in a form of the designer, with what stands around it; each page has
                    # limits of its own, and the greatest is that of imports
                    "/_nicegui/client/": MOST_IMPORT_BYTES + 65_536,
                },
                most=MOST_BYTES,
            ),
        ],
    )
    app.openapi = description_of(app, version("cadenza"))  # type: ignore[method-assign]
    problems.install(app)
    app.state.parts = parts
    app.state.registry = registry
    app.state.key_rates = rates
    app.state.sign_ins = SignIns(
        parts.store, parts.now, lifetime=timedelta(hours=parts.settings.web.session_hours)
    )
    app.state.write_keys = WriteKeys(parts.store, parts.now)
    app.include_router(health_router(parts, registry))
    app.include_router(ingest_router(parts, app.state.write_keys, metrics))
    app.include_router(hooks_router(parts, _box(parts), metrics))
    app.include_router(sendgrid_events_router(parts, metrics))
    app.include_router(bounces_router(parts, _box(parts), metrics))
    for public in public_routers(parts):
        app.include_router(public)
    app.include_router(pictures_router(parts.store))
    heavy = HeavyLine(rates)
    operations = (
        rules_router(parts, heavy),
        facts_router(parts),
        segments_router(parts),
        segment_members_router(parts),
        flow_results_router(parts),
        message_results_router(parts),
        channels_router(parts),
        topics_router(parts),
        preferences_api_router(parts),
        trying_flows_router(parts, heavy),
        files_router(parts),
        sending_policy_router(parts),
        templates_router(parts, heavy),
        trying_messages_router(parts, heavy),
        deals_router(parts),
        pipelines_router(parts),
        people_router(parts),
        absences_router(parts),
        notices_router(parts),
        assignments_router(parts),
        handovers_router(parts),
        approvals_router(parts),
        definitions_router(parts, heavy),
        duty_router(parts),
        escalations_router(parts),
        insight_router(parts, heavy),
        targets_router(parts),
        tickets_router(parts),
        ticket_policy_router(parts),
    )
    for router in (*operations, nothing_router(*operations)):
        app.include_router(router)
    return app


def _box(parts: Parts) -> SecretBox:
    security = parts.settings.security
    given = (security.secret_key, security.old_secret_key)
    return box_of(security.keys(), [one.get_secret_value() for one in given if one])
