"""Telling people from machines that open letters and follow links.

Nothing here is certain, so a machine's look is counted apart and never thrown away. The rules, each
with where it comes from:

- `head`: HEAD asks whether a page is there; a person's program wants the page (RFC 9110, 9.3.2).
- `prefetch`: the request itself says that it comes ahead of a person: `Sec-Purpose` (the Fetch
  standard; MDN), `Purpose` (Chrome and Edge before it), `X-Moz` (Firefox before it), `X-Purpose`
  (Safari).
- `apple_privacy`: Apple's Mail Privacy Protection fetches every picture through proxies when a mail
  arrives, whether or not it is read; it calls itself "Mozilla/5.0" and nothing more (SendGrid marks
  these opens by `sg_machine_open`).
- `no_agent`: mail programs and browsers name themselves.
- `scanner`: security gateways, crawlers and previews of chats that name themselves.
- `library`: HTTP libraries of programs. For a picture they may be somebody's mail program.
- `too_soon`: quicker after the hand-over than a person could have got the mail and read it.
- `many_links`: another link of the same letter was followed a moment before; gateways follow all.

Proxies of Gmail and Yahoo fetch a picture when a person looks at the mail, and count as people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

TOO_SOON: Final = timedelta(seconds=2)
# Nobody reads a page and comes back for the next link in less.
MOMENT: Final = timedelta(seconds=1)
PURPOSE_HEADERS: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")

_AHEAD: Final = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_PEOPLES_PROXIES: Final = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)
_SCANNERS: Final = re.compile(
    r"barracuda|proofpoint|mimecast|safelinks|messagelabs|symantec|forcepoint|trend ?micro|fireeye"
    r"|sophos|zscaler|ironport|cloudmark|bitdefender|kaspersky|paloalto|checkpoint"
    r"|existence discovery|skypeuripreview|bingpreview|slackbot|facebookexternalhit|whatsapp"
    r"|telegrambot|discordbot|linkedinbot|twitterbot|headlesschrome|phantomjs"
    r"|(?:^|[\s/;(+_-])[a-z]*(?:bot|crawler|spider|scanner|linkcheck)(?=[/;,)+-]|$)",
    re.IGNORECASE,
)
_LIBRARIES: Final = re.compile(
    r"^(?:curl|wget|python|aiohttp|go-http-client|java|libwww|lwp|apache-httpclient|node|axios|ruby"
    r"|guzzlehttp|okhttp|postmanruntime)\b",
    re.IGNORECASE,
)
# What mail programs on phones fetch pictures with.
_OF_MAIL_PROGRAMS: Final = re.compile(r"^okhttp\b", re.IGNORECASE)


class What(StrEnum):
    OPEN = "open"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class Look:
    """One request. `headers` are the `PURPOSE_HEADERS` it has, by lower-case name. `after` is how
    long ago the provider took the message, None where nobody knows. `moment_ago`: another link of
    the letter was followed within a `MOMENT`.
    """

    what: What
    method: str = "GET"
    agent: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: timedelta | None = None
    moment_ago: bool = False


def machine_by(look: Look) -> str | None:
    """By which rule this was a machine; None for a person."""
    agent = look.agent.strip()
    if look.method == "HEAD":
        return "head"
    if any(_AHEAD.search(look.headers.get(name, "")) for name in PURPOSE_HEADERS):
        return "prefetch"
    if not agent:
        return "no_agent"
    if agent == "Mozilla/5.0":
        return "apple_privacy"
    if not _PEOPLES_PROXIES.search(agent):
        if _SCANNERS.search(agent):
            return "scanner"
        if _LIBRARIES.search(agent) and not (
            look.what is What.OPEN and _OF_MAIL_PROGRAMS.search(agent)
        ):
            return "library"
    if look.after is not None and look.after < TOO_SOON:
        return "too_soon"
    return "many_links" if look.moment_ago else None
