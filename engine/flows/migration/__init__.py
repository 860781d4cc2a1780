"""A plan that brings people in flight from one version of a flow to another."""

from engine.flows.migration.answers import (
    EXIT,
    LEAVE,
    RESTART,
    STAY,
    Answer,
    Deed,
    MovePlan,
    stored_answers,
)
from engine.flows.migration.check import Standings, plan_problems
from engine.flows.migration.fit import Fit, Pair, Why
from engine.flows.migration.proposal import Proposal, propose
from engine.flows.migration.read import read_plan
from engine.flows.migration.write import dump_plan

__all__ = [
    "EXIT",
    "LEAVE",
    "RESTART",
    "STAY",
    "Answer",
    "Deed",
    "Fit",
    "MovePlan",
    "Pair",
    "Proposal",
    "Standings",
    "Why",
    "dump_plan",
    "plan_problems",
    "propose",
    "read_plan",
    "stored_answers",
]
