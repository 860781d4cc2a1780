"""A pipeline's parts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator
from designer.ladders.span_words import span_words
from designer.sales.pipeline_document import several
from engine.pipelines.fields import field_words
from engine.rules import Catalogue

ACTIONS: Final[Mapping[str, str]] = {
    "notify": N_("Tell somebody"),
    "create_task": N_("Set a task"),
    "update_deal": N_("Write fields of the deal"),
    "start_flow": N_("Let the contact into a flow"),
    "escalate": N_("Open a case"),
    "assign": N_("Choose the owner by rules"),
}
ANYBODY: Final = N_("everybody who may edit deals")


def stage_name(stage: Mapping[str, Any], t: Translator) -> str:
    """What people call it; the key where nothing is said."""
    zh = stage.get("label_zh") if t.short == "zh" else None
    key = str(stage.get("key", ""))
    return str(zh or stage.get("label") or key.replace("_", " ").capitalize())


def person_words(text: str, t: Translator) -> str:
    kind, separator, value = text.partition(":")
    if text == "owner":
        return t("the owner")
    if text == "manager":
        return t("the owner's manager")
    if separator and kind == "team":
        return t("the team {name}", name=value)
    if separator and kind == "role":
        return t("whoever is {role}", role=value.replace("_", " "))
    return text


def who_words(way: Mapping[str, Any], t: Translator) -> str:
    people = [person_words(one, t) for one in several(way.get("who"))]
    return ", ".join(people) if people else t(ANYBODY)


def needs_words(part: Mapping[str, Any], t: Translator, catalogue: Catalogue) -> str:
    found = [field_words(one, catalogue) for one in several(part.get("needs"))]
    return ", ".join(one.zh if t.short == "zh" else one.en for one in found)


def way_words(way: Mapping[str, Any], t: Translator, catalogue: Catalogue) -> list[str]:
    """What a move asks, in a few words each."""
    said = []
    automatic = way.get("automatic")
    if isinstance(automatic, Mapping):
        after = automatic.get("after")
        said.append(
            t("by itself after {span}", span=span_words(after, t, working=True))
            if after
            else t("by itself, once a rule holds")
        )
    elif way.get("who"):
        said.append(who_words(way, t))
    if way.get("approval"):
        said.append(t("approval: {chain}", chain=way["approval"]))
    if way.get("needs"):
        said.append(t("needs {fields}", fields=needs_words(way, t, catalogue)))
    if way.get("when") is not None:
        said.append(t("by a rule"))
    return said


def stage_lines(stage: Mapping[str, Any], t: Translator, catalogue: Catalogue) -> list[str]:
    """Clocks, demands and actions of a stage in sentences."""
    said = []
    if stage.get("needs"):
        said.append(t("Needs {fields}", fields=needs_words(stage, t, catalogue)))
    if stage.get("when") is not None:
        said.append(t("Enters only by a rule"))
    alerts = [one for one in stage.get("sla") or () if isinstance(one, Mapping)]
    if alerts:
        spans = [span_words(one.get("after"), t, working=True) for one in alerts]
        said.append(t("Alerts after {spans}", spans=", ".join(spans)))
    if stage.get("rot_after"):
        span = span_words(stage["rot_after"], t, working=False)
        said.append(t("Rots after {span} of silence", span=span))
    for key, text in (
        ("on_enter", N_("On entering: {deeds}")),
        ("on_exit", N_("On leaving: {deeds}")),
    ):
        deeds = [action_words(one, t) for one in stage.get(key) or () if isinstance(one, Mapping)]
        if deeds:
            said.append(t(text, deeds=", ".join(deeds)))
    return said


def action_words(action: Mapping[str, Any], t: Translator) -> str:
    name = ACTIONS.get(str(action.get("do")))
    return t(name) if name else str(action.get("do"))
