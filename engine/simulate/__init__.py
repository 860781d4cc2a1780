"""Flows on a virtual clock: who would go where, and get what, when."""

from engine.simulate.life import HELD_OUT
from engine.simulate.people import DELIVERED, Habit, Occurrence, Person
from engine.simulate.simulation import simulate
from engine.simulate.trace import Journey, Sent, Trace

__all__ = [
    "DELIVERED",
    "HELD_OUT",
    "Habit",
    "Journey",
    "Occurrence",
    "Person",
    "Sent",
    "Trace",
    "simulate",
]
