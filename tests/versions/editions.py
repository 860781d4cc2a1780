"""Two versions of one flow, written as people write them."""

from __future__ import annotations

from engine.flows.model import Flow
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue
from tests.flows.reading import load

HEAD = """\
flow: welcome
label: Welcome
purpose: service
trigger: {on: event, event: Signed Up}
steps:
"""


def edition(steps: str, *, head: str = HEAD) -> Flow:
    body = "\n".join(f"  {line}" for line in steps.strip().splitlines())
    return load(f"{head}{body}\n")


def plan_of(flow: Flow) -> Plan:
    return compile_plan(flow, Catalogue.standard())


OLD = """
hello:  {do: send_message, template: welcome, next: settle}
settle: {do: wait, for: 3d, next: look}
look:   {do: wait_for, event: Visited, timeout: 5d, exits: {happened: offer, timed_out: done}}
offer:  {do: send_message, template: offer, next: done}
done:   {do: exit}
"""
NEW = """
hello:  {do: send_message, template: welcome, next: settle}
settle: {do: wait, for: 5d, next: watch}
watch:  {do: wait_for, event: Visited, timeout: 5d, exits: {happened: offer, timed_out: call}}
offer:  {do: send_message, template: second_offer, next: done}
call:   {do: create_task, title: Call, next: done}
done:   {do: exit}
"""
