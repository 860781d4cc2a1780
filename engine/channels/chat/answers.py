"""What each provider's answer means, by its codes.

Most of them answer 200 and say in a number of their own whether the message was taken. Where to
look the numbers up: Slack "Incoming webhooks", Microsoft "Workflows", WeCom "Global error codes",
Feishu "Custom bot guide", DingTalk "Custom robot", Telegram "Bot API", Twilio "Error and warning
dictionary". A number that is not known here is a refusal of this message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from engine.channels.base import ChannelError, Refused, Unclear, Unreachable
from engine.outgoing import Answered
from engine.outgoing.sorting import pause_asked_for

# Waiting for somebody to put the channel's settings right.
OUR_TROUBLE: Final = timedelta(minutes=5)
# Some of DingTalk's answers write the number as text.
_WHOLE: Final = re.compile(r"-?[0-9]{1,12}")
_GOOD: Final = frozenset({200, 201, 202})


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's numbers: where the answer has its own one, which of them is good (None: the
    status says it), which mean "slower", and which that our settings are at fault.
    `refused_statuses` are statuses that concern this person alone, whatever they mean elsewhere.
    `plain` is the whole text of a good answer.
    """

    field: str | None = None
    good: int | None = 0
    slower: frozenset[int] = frozenset()
    ours: frozenset[int] = frozenset()
    refused_statuses: frozenset[int] = frozenset()
    plain: bytes | None = None

    def judge(self, answer: Answered, now: datetime) -> ChannelError | None:
        """None when the provider has the message."""
        document = _document(answer)
        own = _number(document, self.field)
        if answer.status in _GOOD:
            return self._well_or(answer, own)
        if own is not None and own in self.slower:
            return self._slower(answer, document, now)
        if answer.status in self.refused_statuses:
            return Refused(_named(answer, own), f"The provider answered {_said(answer, own)}.")
        return self._by_status(answer, own, document, now)

    def _well_or(self, answer: Answered, own: int | None) -> ChannelError | None:
        if self.plain is not None and answer.body.strip() != self.plain:
            return Unclear("odd_answer", "The provider's answer is not the usual one.")
        if self.field is None or self.good is None or own == self.good:
            return None
        if own is None:
            return Unclear("odd_answer", "The provider did not say whether it took the message.")
        if own in self.slower:
            return Unreachable("rate_limited", "The provider asks for a slower pace.")
        if own in self.ours:
            said = f"The provider does not take messages of this channel: {own}."
            return Unreachable("settings", said, OUR_TROUBLE)
        return Refused(f"code_{own}", f"The provider refuses this message: {own}.")

    def _by_status(
        self, answer: Answered, own: int | None, document: Mapping[str, Any], now: datetime
    ) -> ChannelError:
        status = answer.status
        if status == 429:
            return self._slower(answer, document, now)
        if status in (401, 403, 404) or (own is not None and own in self.ours):
            said = f"The provider does not take messages of this channel: {_said(answer, own)}."
            return Unreachable("settings", said, OUR_TROUBLE)
        if status in (408, 425, 503):
            pause = pause_asked_for(answer.headers.get("retry-after"), now)
            return Unreachable(f"http_{status}", "The provider takes nothing just now.", pause)
        if 400 <= status < 500:
            return Refused(_named(answer, own), f"The provider answered {_said(answer, own)}.")
        return Unclear(f"http_{status}", "The provider had a fault; the message may have gone.")

    def _slower(self, answer: Answered, document: Mapping[str, Any], now: datetime) -> Unreachable:
        pause = pause_asked_for(answer.headers.get("retry-after"), now)
        told = document.get("parameters")
        if pause is None and isinstance(told, dict):  # Telegram says it in the document
            pause = pause_asked_for(str(told.get("retry_after")), now)
        return Unreachable("rate_limited", "The provider asks for a slower pace.", pause)


def _document(answer: Answered) -> Mapping[str, Any]:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(document: Mapping[str, Any], field: str | None) -> int | None:
    for name in (field or "").split("|"):
        value = document.get(name)
        if isinstance(value, int) or (isinstance(value, str) and _WHOLE.fullmatch(value)):
            return int(value)
    return None


def _named(answer: Answered, own: int | None) -> str:
    return f"http_{answer.status}" if own is None else f"code_{own}"


def _said(answer: Answered, own: int | None) -> str:
    return str(answer.status) if own is None else f"{answer.status} with {own}"


SLACK: Final = Codes(plain=b"ok")
TEAMS: Final = Codes()
WECOM: Final = Codes(
    "errcode",
    # 45009 more calls than allowed, -1 busy
    slower=frozenset({45009, 45033, -1}),
    # 93000 no such robot, 40014 and 42001 its key, 60020 our address is not allowed
    ours=frozenset({93000, 40014, 42001, 60020, 48002}),
)
FEISHU: Final = Codes(
    "code|StatusCode",
    slower=frozenset({11232, 99991400}),
    # 19001 no such robot, 19021 signature, 19022 our address, 19024 its keyword is missing
    ours=frozenset({19001, 19021, 19022, 19024}),
)
DINGTALK: Final = Codes(
    "errcode",
    # 130101 too quick, 410100 too often, -1 busy
    slower=frozenset({130101, 410100, -1}),
    # 300001 and 400101 no such robot, 310000 signature, keyword or our address
    ours=frozenset({300001, 400101, 400102, 310000, 400013}),
)
TELEGRAM: Final = Codes(
    # a good answer says {"ok": true}, which is the number 1; a bad one adds "error_code"
    "ok",
    good=1,
    # 403: this person blocked the bot or never wrote to it
    refused_statuses=frozenset({403}),
)
TWILIO: Final = Codes(
    "code",
    good=None,
    slower=frozenset({20429, 14107, 30022, 63018}),
    # 20003 sign-in, 20404 account, 21606 and 21659 our number, 21408 no permission for the country
    ours=frozenset({20003, 20404, 20005, 21606, 21659, 21660}),
)
