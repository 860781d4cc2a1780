"""Flows as text, people as facts: what the tests of the simulation start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue
from engine.simulate import Person, Trace, simulate
from tests.flows.reading import load

CATALOGUE = Catalogue.standard()
# A Monday morning in UTC.
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

WELCOME = """
flow: welcome_test
label: Welcome
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
exit_when: {"==": [{var: contact.lifecycle_stage}, customer]}
steps:
  hello:
    do: send_message
    template: welcome
    exits: {sent: visit, undeliverable: call, withheld: done}
  visit:
    do: wait_for
    event: Visited Pricing
    timeout: P3D
    exits: {happened: offer, timed_out: call}
  offer:  {do: send_message, template: offer, next: done}
  call:   {do: create_task, title: "Call", due: P1D, next: done}
  done:   {do: exit}
"""


def plan_of(source: str) -> Plan:
    return compile_plan(load(source), CATALOGUE)


def person(id_: int, **contact: Any) -> Person:
    zone = contact.get("time_zone") or "UTC"
    facts = {"contact": {"id": id_, "lifecycle_stage": "lead", **contact}, "account": None}
    return Person(id_, facts, zone)


def run(source: str, *people: Person, days: float = 10, **more: Any) -> Trace:
    return simulate(plan_of(source), people, start_at=START, lasts=timedelta(days=days), **more)
