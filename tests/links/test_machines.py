"""Who looks at a letter: a person or a machine, and by which rule it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.services.links.machines import MOMENT, TOO_SOON, Look, What, machine_by

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Mobile/15E148"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
LATER = timedelta(hours=3)
OPEN, CLICK = What.OPEN, What.CLICK


@pytest.mark.parametrize(
    ("what", "agent"),
    [
        (OPEN, FIREFOX),
        (CLICK, FIREFOX),
        (OPEN, IPHONE),
        (OPEN, GMAIL),
        (OPEN, YAHOO),
        (OPEN, "okhttp/4.12.0"),
        (OPEN, "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)"),
        (OPEN, "Mozilla/5.0 (X11; Linux x86_64) Thunderbird/115.0"),
        # words that only look like a machine's name
        (CLICK, "Mozilla/5.0 (Linux; Android 14; Cubot X70) AppleWebKit/537.36 Chrome/124.0"),
    ],
)
def test_people(what: What, agent: str) -> None:
    assert machine_by(Look(what, agent=agent, after=LATER)) is None
    assert machine_by(Look(what, agent=agent, after=None)) is None


@pytest.mark.parametrize(
    ("rule", "look"),
    [
        ("head", Look(CLICK, "HEAD", FIREFOX, after=LATER)),
        ("prefetch", Look(CLICK, "GET", FIREFOX, {"sec-purpose": "prefetch;prerender"}, LATER)),
        ("prefetch", Look(CLICK, "GET", FIREFOX, {"purpose": "prefetch"}, LATER)),
        ("prefetch", Look(OPEN, "GET", FIREFOX, {"x-moz": "prefetch"}, LATER)),
        ("prefetch", Look(CLICK, "GET", FIREFOX, {"x-purpose": "preview"}, LATER)),
        ("no_agent", Look(OPEN, "GET", "  ", after=LATER)),
        ("apple_privacy", Look(OPEN, "GET", "Mozilla/5.0", after=LATER)),
        ("library", Look(CLICK, "GET", "okhttp/4.12.0", after=LATER)),
        ("library", Look(CLICK, "GET", "python-requests/2.32", after=LATER)),
        ("library", Look(OPEN, "GET", "curl/8.5.0", after=LATER)),
        ("library", Look(CLICK, "GET", "Go-http-client/1.1", after=LATER)),
        ("too_soon", Look(OPEN, "GET", GMAIL, after=TOO_SOON - timedelta(milliseconds=1))),
        ("too_soon", Look(CLICK, "GET", FIREFOX, after=timedelta(0))),
        ("many_links", Look(CLICK, "GET", FIREFOX, after=LATER, moment_ago=True)),
    ],
)
def test_machines(rule: str, look: Look) -> None:
    assert machine_by(look) == rule


@pytest.mark.parametrize(
    "agent",
    [
        "Barracuda Sentinel (EE)",
        "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
        "Mimecast/1.0",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
        "Microsoft Office Existence Discovery",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/124.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; SomeCrawler/1.0)",
    ],
)
@pytest.mark.parametrize("what", What)
def test_those_that_name_themselves(agent: str, what: What) -> None:
    assert machine_by(Look(what, agent=agent, after=LATER)) == "scanner"


def test_somebody_may_be_quick_but_not_that_quick() -> None:
    assert machine_by(Look(OPEN, agent=FIREFOX, after=TOO_SOON)) is None
    assert MOMENT < TOO_SOON
