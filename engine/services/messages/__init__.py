"""Sending messages: prepare, commit, hand over, record; and settling what stayed unclear.

    tx:  prepare(asks)          consent, suppression, text; rows written as "handing_over"
         hand_over_while(...)   no transaction open
    tx:  record(results)

A crash between the two transactions leaves "handing_over" rows behind; `unanswered`, `Channel.ask`,
`decide` and `settle` bring them to an end.
"""

from crm_store.open_messages import MaybeSent
from engine.services.messages.asks import (
    EMAIL,
    Answer,
    NotSent,
    Prepared,
    SendAsk,
    SenderSettings,
    SendResult,
    Verdict,
)
from engine.services.messages.drafting import MARKETING, barrier_to, provider_key
from engine.services.messages.handing_over import hand_over, hand_over_all, hand_over_while
from engine.services.messages.preparing import prepare
from engine.services.messages.recording import record
from engine.services.messages.settling import (
    Settlement,
    Unanswered,
    decide,
    list_maybe_sent,
    settle,
    settle_by_hand,
    unanswered,
)
from engine.services.messages.under_way import until_nothing_is_under_way

__all__ = [
    "EMAIL",
    "MARKETING",
    "Answer",
    "MaybeSent",
    "NotSent",
    "Prepared",
    "SendAsk",
    "SendResult",
    "SenderSettings",
    "Settlement",
    "Unanswered",
    "Verdict",
    "barrier_to",
    "decide",
    "hand_over",
    "hand_over_all",
    "hand_over_while",
    "list_maybe_sent",
    "prepare",
    "provider_key",
    "record",
    "settle",
    "settle_by_hand",
    "unanswered",
    "until_nothing_is_under_way",
]
