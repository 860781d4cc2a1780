"""The variables a template may print, for choosing one: each with a value to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from engine.rules.types import Label
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.templates.bundle import Bundle
from engine.services.templates.library import TemplateLibrary
from engine.services.templates.sample import sample_for
from engine.services.templates.vocabulary import (
    CONFIRM_URL,
    PREFERENCES_URL,
    PREHEADER,
    SURVEY_URL,
    UNSUBSCRIBE_URL,
    VIEW_URL,
)

LONGEST_SAMPLE: Final = 60
_BESIDE_FACTS: Final[Mapping[str, Label]] = {
    "sender.name": Label("Name of the sender", "发件人名称"),
    "sender.address": Label("Address of the sender", "发件人地址"),
    "sender.website": Label("Website of the sender", "发件人网站"),
    "sender.postal_address": Label("Postal address of the sender", "发件人邮寄地址"),
    UNSUBSCRIBE_URL: Label("Link to unsubscribe", "退订链接"),
    PREFERENCES_URL: Label("Link to topics and frequency", "主题与频率设置链接"),
    VIEW_URL: Label("Link to the letter in a browser", "在浏览器中查看的链接"),
    CONFIRM_URL: Label("Link that confirms an open request", "确认订阅的链接"),
    SURVEY_URL: Label("Link to the survey of a ticket", "工单满意度调查链接"),
    PREHEADER: Label("The preheader", "预览文字"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """`kind` is a fact's type, "link", or "text"; `sample` what the made-up contact has there,
    empty where it has nothing; `values` the closed set, where there is one."""

    path: str
    label: Label
    kind: str
    sample: str
    values: tuple[str, ...] = ()


async def offered_variables(
    session: AsyncSession,
    actor: Actor,
    library: TemplateLibrary,
    name: str,
    files: Mapping[str, str],
) -> list[Offered]:
    """In the order of the catalogue: the contact's, the account's, then the sender and links."""
    allowed(actor, "read", "template")
    catalogue = await current_catalogue(session)
    sample = sample_for(Bundle(name, files), library.sample())
    found = [
        Offered(path, fact.label, fact.type.value, _shown(_at(sample, path)), fact.values)
        for path, fact in catalogue.readable(event_rule=False, derived=False)
    ]
    for path, label in _BESIDE_FACTS.items():
        kind = "link" if path.endswith("_url") else "text"
        found.append(Offered(path, label, kind, _shown(_at(sample, path))))
    return found


def _at(sample: Mapping[str, Any], path: str) -> Any:
    found: Any = sample
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case {"minor": int(minor), "currency": str(currency)}:
            shown = f"{minor / 100:,.2f} {currency}"
        case list():
            shown = ", ".join(map(str, value))
        case _:
            shown = str(value)
    return shown if len(shown) <= LONGEST_SAMPLE else f"{shown[:LONGEST_SAMPLE]}…"
