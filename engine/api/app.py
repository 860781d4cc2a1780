"""The web application without its designer, which the process mounts at `/` afterwards."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from engine.api import problems
from engine.api.access_routers import access_routers
from engine.api.description import description_of
from engine.api.edge import ApiDoor, BodyLimit, RequestId, SecurityHeaders, TimeLimit, Timing
from engine.api.edge.known_host import KnownHost, KnownHosts
from engine.api.edge.tracing import Tracing
from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.api.public.routers import public_routers
from engine.api.public.sent_forms import MOST_BYTES as MOST_FORM_BYTES
from engine.api.public.sent_forms import sent_forms_router
from engine.api.rates import HeavyLine, KeyRates
from engine.api.record_routers import record_routers
from engine.api.routes.absences import absences_router
from engine.api.routes.approvals import approvals_router
from engine.api.routes.assignments import assignments_router
from engine.api.routes.audit import audit_router
from engine.api.routes.bounces import MOST_BYTES as MOST_BOUNCE_BYTES
from engine.api.routes.bounces import bounces_router
from engine.api.routes.channels import channels_router
from engine.api.routes.cloudevents import cloudevents_router
from engine.api.routes.dead_letters import dead_letters_router
from engine.api.routes.deals import deals_router
from engine.api.routes.definitions import definitions_router
from engine.api.routes.duty import duty_router
from engine.api.routes.erasures import erasures_router
from engine.api.routes.escalations import escalations_router
from engine.api.routes.facts import facts_router
from engine.api.routes.files import MOST_BYTES as MOST_FILE_BYTES
from engine.api.routes.files import files_router
from engine.api.routes.flow_results import flow_results_router
from engine.api.routes.forms import forms_router
from engine.api.routes.handovers import handovers_router
from engine.api.routes.health import health_router
from engine.api.routes.hooks import MOST_BYTES as MOST_HOOK_BYTES
from engine.api.routes.hooks import hooks_router
from engine.api.routes.imports import MOST_BYTES as MOST_UPLOAD_BYTES
from engine.api.routes.ingest import ingest_router
from engine.api.routes.insight import insight_router
from engine.api.routes.message_results import message_results_router
from engine.api.routes.nothing import nothing_router
from engine.api.routes.notices import notices_router
from engine.api.routes.people import people_router
from engine.api.routes.pictures import pictures_router
from engine.api.routes.pipelines import pipelines_router
from engine.api.routes.posthog import PATHS as POSTHOG_PATHS
from engine.api.routes.posthog import posthog_router
from engine.api.routes.preferences import preferences_api_router
from engine.api.routes.privacy import privacy_router
from engine.api.routes.retention import retention_router
from engine.api.routes.rules import rules_router
from engine.api.routes.segment_members import segment_members_router
from engine.api.routes.segments import segments_router
from engine.api.routes.sendgrid_events import MOST_BYTES as MOST_EVENT_BYTES
from engine.api.routes.sendgrid_events import sendgrid_events_router
from engine.api.routes.sending_policy import sending_policy_router
from engine.api.routes.sources import sources_router
from engine.api.routes.targets import targets_router
from engine.api.routes.templates import templates_router
from engine.api.routes.ticket_policy import ticket_policy_router
from engine.api.routes.tickets import tickets_router
from engine.api.routes.topics import topics_router
from engine.api.routes.trying_flows import trying_flows_router
from engine.api.routes.trying_messages import trying_messages_router
from engine.api.routes.webhook_subscriptions import webhook_subscriptions_router
from engine.api.taking import Taking
from engine.services.api_keys import ApiKeys
from engine.services.audit_log.refusals import Refusals
from engine.services.imports import MOST_IMPORT_BYTES
from engine.services.secrets import SecretBox, box_of
from engine.services.sign_in import SignIns
from engine.services.write_keys import WriteKeys
from engine.settings.web import host_names

MOST_BYTES: Final = 1_048_576
LONGEST: Final = timedelta(seconds=30)


def create_app(parts: Parts, *, registry: CollectorRegistry | None = None) -> FastAPI:
    """The API. `registry` is where metrics go and what `/metrics` shows.

    `app.state` has `parts`, `registry`, `key_rates`, `secrets`, `sign_ins` and `write_keys` for
    whoever mounts more.
    """
    registry = registry or CollectorRegistry()
    metrics = DoorMetrics(registry)
    api_keys, rates = ApiKeys(parts.store, parts.now), KeyRates(store=parts.store)
    app = FastAPI(
        title="Cadenza",
        # FastAPI's page of the documentation fetches its scripts from somebody else's server.
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[
            Middleware(RequestId),
            Middleware(SecurityHeaders, https=parts.public_url.startswith("https://")),
            Middleware(KnownHost, hosts=_known_hosts(parts)),
            Middleware(Tracing),
            Middleware(Timing, seconds=metrics.request_seconds),
            Middleware(TimeLimit, limit=LONGEST),
            Middleware(ApiDoor, keys=api_keys, rates=rates),
            Middleware(
                BodyLimit,
                limits={
                    "/v1/": parts.settings.web.max_batch_bytes,
                    **dict.fromkeys(POSTHOG_PATHS, parts.settings.web.max_batch_bytes),
                    "/f/": MOST_FORM_BYTES,
                    "/hooks/in/": MOST_HOOK_BYTES,
                    "/hooks/sendgrid": MOST_EVENT_BYTES,
                    "/hooks/bounces/": MOST_BOUNCE_BYTES,
                    "/api/files/": MOST_FILE_BYTES,
                    "/api/imports": MOST_UPLOAD_BYTES,
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
    app.state.refusals = Refusals(parts.store)
    app.state.secrets = _box(parts)
    app.state.sign_ins = SignIns(
        parts.store,
        parts.now,
        lifetime=timedelta(hours=parts.settings.web.session_hours),
        secrets=_box(parts),
    )
    app.state.write_keys = WriteKeys(parts.store, parts.now)
    app.include_router(health_router(parts, registry))
    taking = Taking(parts, metrics)
    # before the paths of /v1 that take any name
    app.include_router(cloudevents_router(taking, app.state.write_keys))
    app.include_router(ingest_router(taking, app.state.write_keys))
    app.include_router(posthog_router(taking, app.state.write_keys))
    app.include_router(hooks_router(taking, _box(parts)))
    app.include_router(sent_forms_router(taking))
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
        *access_routers(parts),
        absences_router(parts),
        notices_router(parts),
        assignments_router(parts),
        handovers_router(parts),
        approvals_router(parts),
        definitions_router(parts, heavy),
        duty_router(parts),
        escalations_router(parts),
        privacy_router(parts),
        erasures_router(parts),
        retention_router(parts),
        forms_router(parts),
        sources_router(parts, _box(parts)),
        dead_letters_router(parts),
        insight_router(parts, heavy),
        targets_router(parts),
        tickets_router(parts),
        audit_router(parts),
        webhook_subscriptions_router(parts, _box(parts)),
        ticket_policy_router(parts),
        *record_routers(parts, heavy),
    )
    for router in (*operations, nothing_router(*operations)):
        app.include_router(router)
    return app


def _known_hosts(parts: Parts) -> KnownHosts:
    web = parts.settings.web
    return KnownHosts(parts.public_url, web.host, host_names(web.allowed_hosts))


def _box(parts: Parts) -> SecretBox:
    security = parts.settings.security
    given = (security.secret_key, security.old_secret_key)
    return box_of(security.keys(), [one.get_secret_value() for one in given if one])
