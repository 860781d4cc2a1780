"""Whether a message may go now: the house's policy, and the one function that decides by it. Pure:
what it reads is given, and so is the time."""

from engine.sending.about import ANY, EVERYTHING, MARKETING, About, Scope
from engine.sending.caps import Cap, CapUnit, Counted, Rival
from engine.sending.policy import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    NO_RULES,
    USUAL_PRIORITY,
    DigestRule,
    Policy,
    Priority,
)
from engine.sending.ruling import SEND, Answer, Circumstances, Ruling, barrier, rivals_of, rule
from engine.sending.windows import Almanac, Holidays, Home, QuietHours, SendingHours, Window

__all__ = [
    "ANY",
    "EVERYTHING",
    "HIGHEST_PRIORITY",
    "LOWEST_PRIORITY",
    "MARKETING",
    "NO_RULES",
    "SEND",
    "USUAL_PRIORITY",
    "About",
    "Almanac",
    "Answer",
    "Cap",
    "CapUnit",
    "Circumstances",
    "Counted",
    "DigestRule",
    "Holidays",
    "Home",
    "Policy",
    "Priority",
    "QuietHours",
    "Rival",
    "Ruling",
    "Scope",
    "SendingHours",
    "Window",
    "barrier",
    "rivals_of",
    "rule",
]
