"""What the codes of a failure mean: RFC 3463 and its registry, RFC 5321, RFC 7505.

Only codes are read, never words: those are written in every language and changed at will.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.channels.reports import Bounce

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY: Final = re.compile(r"(?<![\d.#-])([45][0-7]\d)(?=[ -])")
# NetEase (163, 126, yeah.net) names its reasons such as DT:SPM; all of them are policy.
_POLICY_WORD: Final = re.compile(r"\b(?:DT|MI|HL|RP|FR|SPF|IP):[A-Z]{3}\b")
# Tencent (qq.com, foxmail.com) answers 550 to everything and links to a numbered page of its help:
# this one says that there is no such mailbox, the others are policy.
_HELP_PAGE: Final = re.compile(r"\bid=20022&+no=(\d{7})\b")
_NO_SUCH_MAILBOX: Final = "1000728"

# In a server's own words numbers are codes only where one quotes them: a reply with an enhanced
# status of the same class, a status in brackets as qmail writes it, or a reply after "said:" or
# "SMTP ...:". A street, a price or a version is none of that.
_QUOTED: Final = re.compile(
    r"(?<![\d.#-])([45])[0-7]\d[ -]{1,3}#?\1\.\d{1,3}\.\d{1,3}(?![\d.]*\d)[^\n]*"
    r"|\(#[45]\.\d{1,3}\.\d{1,3}\)"
    r"|(?:\bsaid:|\bSMTP\b[^:\n]{0,80}:)\s{0,80}[45][0-7]\d[ -][^\n]*"
)
# One that stands alone at the beginning of a line may be a code.
_ALONE: Final = re.compile(r"^[ \t>]{0,20}([45][0-7]\d)(?=[ -])", re.MULTILINE)

# Subject and detail of an enhanced status. What is missing is `soft`.
_BY_STATUS: Final[Mapping[tuple[int, int | None], Bounce]] = {
    (1, 7): Bounce.BLOCK,
    (1, 8): Bounce.BLOCK,
    (1, 9): Bounce.SOFT,
    (1, None): Bounce.HARD,
    (2, 1): Bounce.HARD,
    (2, 2): Bounce.FULL,
    # Exchange Online says so of addresses that its directory does not have
    (4, 1): Bounce.HARD,
    (4, 4): Bounce.HARD,
    (6, None): Bounce.BLOCK,
    (7, None): Bounce.BLOCK,
}
# Subjects too general to go by when there is a reply code beside them.
_GENERAL: Final = frozenset({0, 5})
# 521 and 556: the host, or the domain, takes no mail at all (RFC 7504).
_BY_REPLY: Final[Mapping[int, Bounce]] = {
    521: Bounce.HARD,
    550: Bounce.HARD,
    551: Bounce.HARD,
    552: Bounce.FULL,
    553: Bounce.HARD,
    556: Bounce.HARD,
    571: Bounce.BLOCK,
}
_PERMANENT: Final = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is the most telling code that was given; None where there was none."""

    bounce: Bounce
    code: str | None


def failure(status: str | None, diagnostic: str) -> Failure:
    """What kind of failure an enhanced status and a diagnostic text with codes speak of."""
    found = [*_statuses(status or ""), *_statuses(diagnostic)]
    reply = next((int(match[1]) for match in _REPLY.finditer(diagnostic)), None)
    code = _said(found, reply)
    if _is_policy(diagnostic):
        return Failure(Bounce.BLOCK, code)
    for class_, subject, detail in found:
        if subject not in _GENERAL:
            return Failure(_by_status(class_, subject, detail), code)
    if reply is not None:
        return Failure(_BY_REPLY.get(reply, Bounce.SOFT), code)
    return Failure(Bounce.SOFT, code)


def failure_in_words(words: str) -> Failure:
    """The same of a letter that a server wrote without a report. A number that may be something
    else is kept as the code, and never makes an address a dead one."""
    quoted = "\n".join(match[0] for match in _QUOTED.finditer(words))
    if quoted:
        return failure(None, quoted)
    alone = _ALONE.search(words)
    return Failure(Bounce.BLOCK if _is_policy(words) else Bounce.SOFT, alone[1] if alone else None)


def _is_policy(text: str) -> bool:
    page = _HELP_PAGE.search(text)
    return bool(_POLICY_WORD.search(text) or (page and page[1] != _NO_SUCH_MAILBOX))


def _by_status(class_: int, subject: int, detail: int) -> Bounce:
    found = _BY_STATUS.get((subject, detail)) or _BY_STATUS.get((subject, None), Bounce.SOFT)
    if class_ != _PERMANENT and found is Bounce.HARD:
        # somebody gave up on what might have passed
        return Bounce.SOFT
    return found


def _statuses(text: str) -> Iterator[tuple[int, int, int]]:
    for match in _STATUS.finditer(text):
        if match[1] != "2":
            yield int(match[1]), int(match[2]), int(match[3])


def _said(found: list[tuple[int, int, int]], reply: int | None) -> str | None:
    telling = [one for one in found if one[1] not in _GENERAL] or found
    if telling and (telling[0][1] not in _GENERAL or reply is None):
        return ".".join(str(number) for number in telling[0])
    return str(reply) if reply is not None else None
