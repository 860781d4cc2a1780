"""What a refusing answer of a mail server means, by its codes alone.

The three digits are RFC 5321's, the enhanced code behind them (5.1.1) RFC 3463's and those of its
registry; providers add their own in 5.7. Words are never looked at: they differ by server and
language. Three questions are asked, the first that is answered decides:

- Is it about us (our sign-in, our address's name, how we may send)? Then every mail would fail
  alike. It is put off, slowly, until somebody has mended it; people are not given up for that.
- Is it for good (5yz)? Then it is refused, and the code says why: an address that is not there is
  another thing than a full mailbox or a letter that was not liked.
- Otherwise it is put off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from engine.channels.base import ChannelError, Refused, Unreachable

# Waiting for our settings, our DNS or our name at that provider to be put right.
OUR_TROUBLE: Final = timedelta(minutes=15)
CLOSING: Final = 421

_ENHANCED: Final = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
# RFC 4954: the server wants a sign-in, or another one.
_SIGN_IN: Final = frozenset({454, 530, 534, 535, 538})
# By subject and detail of the enhanced code.
_ABOUT_US: Final[Mapping[tuple[int, int], str]] = {
    (1, 7): "sender_not_accepted",  # RFC 3463: bad sender's mailbox address syntax
    (1, 8): "sender_not_accepted",  # bad sender's system address
    (7, 20): "sender_not_signed",  # RFC 7372: DKIM
    (7, 21): "sender_not_signed",
    (7, 22): "sender_not_signed",
    (7, 23): "sender_not_verified",  # SPF
    (7, 24): "sender_not_verified",
    (7, 25): "sender_blocked",  # reverse DNS
    (7, 26): "sender_not_verified",  # several checks; Google: neither SPF nor DKIM
    (7, 27): "sender_blocked",  # RFC 7505: the sender's domain takes no mail
    (7, 28): "sending_too_much",  # RFC 7372 registry: mail flood
    (7, 29): "sender_blocked",
    (7, 40): "sender_not_verified",
    (7, 60): "sender_not_accepted",  # Microsoft: client was not allowed to send as this sender
    (7, 708): "sender_blocked",  # Microsoft: traffic not accepted from this address
    (7, 750): "sender_blocked",
}
# Microsoft lists addresses of senders here (5.7.511 to 5.7.514, 5.7.606 to 5.7.649).
_BANNED: Final = (range(511, 515), range(606, 650))
_FOR_GOOD: Final[Mapping[tuple[int, int], str]] = {
    (1, 0): "address_refused",
    (1, 1): "no_such_address",
    (1, 2): "no_such_domain",
    (1, 3): "bad_address",
    (1, 6): "no_such_address",  # moved, no forwarding address
    (1, 10): "no_such_domain",  # RFC 7505: the domain takes no mail at all
    (2, 0): "mailbox_refuses",
    (2, 1): "mailbox_disabled",
    (2, 2): "mailbox_full",
    (2, 3): "too_large",
    (3, 4): "too_large",
    (4, 1): "no_such_domain",
    (4, 4): "no_such_domain",
    (7, 1): "not_wanted",
}


def error_of(stage: str, code: int, words: str, said: str) -> ChannelError:
    """`words` are the server's, `said` the sentence that people read. `stage` is "sender",
    "recipient", "content" or "reset"."""
    enhanced = _enhanced(code, words)
    if code == CLOSING:
        return Unreachable("server_closing", said)
    ours = _about_us(stage, code, enhanced)
    if ours is not None:
        return Unreachable(ours, said, OUR_TROUBLE)
    if code // 100 == 5:
        return Refused(_FOR_GOOD.get(enhanced, f"{stage}_refused"), said)
    if code // 100 == 4:
        return Unreachable(f"{stage}_put_off", said)
    return Unreachable("odd_answer", said)


def _about_us(stage: str, code: int, enhanced: tuple[int, int]) -> str | None:
    if code in _SIGN_IN:
        return "sign_in"
    if code // 100 != 5:
        return None
    if enhanced in _ABOUT_US:
        return _ABOUT_US[enhanced]
    subject, detail = enhanced
    if subject == 7 and any(detail in banned for banned in _BANNED):
        return "sender_blocked"
    # nobody has named the recipient yet, so it is about the sender; but for a letter's size
    if stage == "sender" and _FOR_GOOD.get(enhanced) != "too_large" and code != 552:
        return "sender_refused"
    return None


def _enhanced(code: int, words: str) -> tuple[int, int]:
    """Subject and detail, (0, 0) when there are none or they belong to another class."""
    found = _ENHANCED.match(words)
    if found is None or int(found[1]) != code // 100:
        return (0, 0)
    return int(found[2]), int(found[3])
