"""The fields of a flow beside its steps, as a schema that forms are drawn from."""

from __future__ import annotations

from typing import Any

from designer.i18n import Translator
from designer.terms import PURPOSES
from engine.flows.model import HIGHEST_PRIORITY, LOWEST_PRIORITY

Fields = dict[str, dict[str, Any]]


def about_fields(t: Translator) -> Fields:
    return {
        "label": _text(t("Name of the flow"), t("What colleagues call this flow.")),
        "purpose": {
            "title": t("Purpose"),
            "description": t("Marketing needs consent; service messages concern a contract."),
            "enum": ["marketing", "service"],
            "names": {purpose: t(words) for purpose, words in PURPOSES.items()},
            "default": "marketing",
        },
        "consent_note": _text(
            t("Where consent comes from"),
            t("For marketing: how these people agreed to receive it."),
            widget="long_text",
        ),
        "priority": {
            "title": t("Priority"),
            "description": t(
                "Of messages to the same person where there is no room for all, 9 goes first."
            ),
            "type": "integer",
            "minimum": LOWEST_PRIORITY,
            "maximum": HIGHEST_PRIORITY,
            "default": 5,
        },
    }


def entry_form_fields(t: Translator) -> Fields:
    return {
        "policy": {
            "title": t("Who may come back"),
            "enum": ["once", "after_exit", "once_per", "every", "always"],
            "names": {
                "once": t("Nobody: each person once"),
                "after_exit": t("Again after leaving"),
                "once_per": t("Once for each value of a property"),
                "every": t("Again after some time"),
                "always": t("Every time, also while inside"),
            },
            "default": "once",
        },
        "by": _text(t("Property"), t("The event's property that is counted by, such as an order.")),
        "span": _text(t("Time between"), "", widget="span"),
        "at_most": {
            "title": t("At most at once"),
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000,
        },
    }


def leaving_fields(t: Translator) -> Fields:
    return {
        "exit_when": {
            "title": t("Leave early when"),
            "description": t("Whoever fits leaves at once, wherever they stand."),
            "widget": "rule",
        },
    }


def goal_fields(t: Translator) -> Fields:
    return {
        "goal": {
            "title": t("Goal"),
            "description": t("What this flow is made for; results count who reached it."),
            "anyOf": [{"$ref": "#/$defs/goal"}, {"type": "null"}],
            "default": None,
        },
        "holdout": {
            "title": t("Holdout in percent"),
            "description": t("So many receive nothing, to see what the flow itself achieves."),
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
            "default": 0,
        },
    }


def goal_definitions(t: Translator) -> dict[str, Any]:
    return {
        "goal": {
            "title": t("Goal"),
            "required": ["event"],
            "properties": {
                "event": _text(
                    t("Event"), t("Whoever has this event reached it."), widget="event_picker"
                ),
                "within": _text(
                    t("Within"), t("Counted from entering; left out: at any time."), widget="span"
                ),
                "when": {"title": t("Only when"), "widget": "rule"},
                "exits": {
                    "title": t("Whoever reaches it leaves the flow"),
                    "type": "boolean",
                    "default": False,
                },
                "revenue": {
                    "title": t("Worth"),
                    "description": t(
                        "“order_total”, or an amount and a currency of the event as JSON."
                    ),
                    "widget": "amount",
                },
            },
        }
    }


def _text(title: str, help_text: str, widget: str = "text") -> dict[str, Any]:
    return {
        "title": title,
        "description": help_text,
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "default": None,
        "widget": widget,
    }
