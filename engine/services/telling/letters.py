"""One mail to one of our own people, handed over, with every way it can end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.channels.base import (
    Channel,
    Known,
    OutgoingMessage,
    Refused,
    Unclear,
    Unreachable,
)
from engine.services.messages import Answer, Settlement, decide
from engine.services.receipts import MOST_UNCLEAR_TRIES
from engine.telemetry.faults import where

log = logging.getLogger(__name__)

# Nobody can object to being told by the people they work with, and twice is better than never.
SERVICE: Final = "service"
_LINES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"look": "Look here: {url}", "act": "Answer here: {url}"},
    "zh": {"look": "查看：{url}", "act": "在此答复：{url}"},
}


@dataclass(frozen=True, slots=True)
class Letter:
    """`id` is that of the row which says how it ended."""

    id: int
    mail: OutgoingMessage


@dataclass(frozen=True, slots=True)
class Said:
    """How handing over one letter ended."""

    id: int
    answer: Answer
    code: str | None = None
    retry_after: timedelta | None = None


async def hand_over(channel: Channel, letter: Letter) -> Said:
    try:
        await channel.send(letter.mail)
    except Refused as error:
        return Said(letter.id, Answer.REFUSED, error.code)
    except Unreachable as error:
        return Said(letter.id, Answer.UNREACHABLE, error.code, error.retry_after)
    except Unclear as error:
        return Said(letter.id, Answer.UNCLEAR, error.code)
    return Said(letter.id, Answer.ACCEPTED)


def fault(error: Exception) -> None:
    """A deed that failed in a way nobody foresaw is unclear, and the log says why."""
    log.error("a notice could not be handed over: %s", where(error))


def settlement(known: Known, attempts: int) -> Settlement:
    """At least once, but not for ever where the provider cannot tell."""
    wanted = decide(known, SERVICE)
    tried_enough = attempts >= MOST_UNCLEAR_TRIES
    if wanted is Settlement.SEND_AGAIN and known is Known.CANNOT_TELL and tried_enough:
        return Settlement.MAYBE_SENT
    return wanted


def text_of(body: str, path: str, action_path: str, language: str, public_url: str) -> str:
    """Plain text: what there is to say, and where to look and to answer."""
    lines = _LINES["zh" if language.startswith("zh") else "en"]
    said = [body] if body else []
    if action_path:
        said.append(lines["act"].format(url=public_url + action_path))
    if path:
        said.append(lines["look"].format(url=public_url + path))
    return "\n\n".join(said) + "\n"
