"""A month of a five-node flow for ten thousand people on the virtual clock.

    python -m benchmarks.simulations [people] [days]

Once as the command does it, with the journals of the first twenty people, and once with all.

The peer is the least such a simulation can do: one heap entry pushed and popped per contact-step.
"""

from __future__ import annotations

import heapq
import sys
import time
from datetime import UTC, datetime, timedelta

from benchmarks._stack import machine_line
from engine.flows.load import load_flow
from engine.machines.plan import compile_plan
from engine.rules import Catalogue
from engine.simulate import Habit, Person, Trace, simulate
from engine.steps import STEP_KINDS

FLOW = """
flow: month
label: A month
subject: contact
purpose: marketing
consent_note: benchmark
trigger: {on: manual}
entry: once
steps:
  hello:  {do: send_message, template: welcome, next: visit}
  visit:
    do: wait_for
    event: Visited Pricing
    timeout: P5D
    exits: {happened: offer, timed_out: rest}
  offer:  {do: send_message, template: offer, next: rest}
  rest:   {do: wait, for: P7D, next: again}
  again:  {do: jump, at_most: 3, exits: {again: hello, enough: where}}
  where:
    do: branch
    cases: [{when: {"==": [{var: contact.country}, SG]}, next: last}]
    else: done
  last:   {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""
ZONES = ("UTC", "Asia/Singapore", "Europe/Berlin", "America/New_York")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def people(count: int) -> list[Person]:
    return [
        Person(
            n,
            {"contact": {"id": n, "country": "SG" if n % 3 else "DE"}, "account": None},
            ZONES[n % len(ZONES)],
        )
        for n in range(count)
    ]


def steps_of(trace: Trace) -> int:
    return sum(count for (_, exit_), count in trace.counts.items() if not exit_)


def bare(steps: int) -> float:
    """Seconds of CPU for as many entries through one heap."""
    began = time.process_time()
    heap: list[tuple[datetime, int]] = []
    for n in range(steps):
        heapq.heappush(heap, (START + timedelta(seconds=n % 1000), n))
    while heap:
        heapq.heappop(heap)
    return time.process_time() - began


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    print(machine_line())
    catalogue = Catalogue.standard()
    flow = load_flow(FLOW, file="month.yaml", kinds=STEP_KINDS, catalogue=catalogue)
    plan = compile_plan(flow, catalogue)
    for name, journals_of in (("some journals", range(20)), ("all journals", None)):
        crowd = people(count)
        began, spent = time.perf_counter(), time.process_time()
        trace = simulate(
            plan,
            crowd,
            start_at=START,
            lasts=timedelta(days=days),
            habits=[Habit("Visited Pricing", 40, timedelta(days=6))],
            journals_of=journals_of,
        )
        seconds, used = time.perf_counter() - began, time.process_time() - spent
        steps, messages = steps_of(trace), sum(len(journey.sent) for journey in trace.journeys)
        peer = bare(steps)
        print(
            f"{count:,} people x {days} days, {name}: {seconds:.1f} s ({used:.1f} s of CPU),"
            f" {steps:,} contact-steps, {messages:,} messages,"
            f" {1e6 * used / steps:.0f} us per contact-step; a bare heap {1e6 * peer / steps:.1f}"
            f" us, ratio {used / peer:.0f}"
        )


if __name__ == "__main__":
    main()
