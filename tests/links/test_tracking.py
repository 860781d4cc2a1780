"""Who looks at opens and clicks: we, the provider, or nobody, and never both."""

from __future__ import annotations

import pytest

from engine.channels.base import OutgoingMessage, Sender
from engine.channels.sendgrid import payload
from engine.services.links.tracking import Tracking, left_to_provider, tracking_of
from engine.settings.tracking import Tracking as Settings


@pytest.mark.parametrize(
    ("settings", "ours", "theirs"),
    [
        (Settings(), Tracking(opens=True, clicks=True), (False, False)),
        (Settings(TRACKING_BY_PROVIDER=True), Tracking(), (True, True)),
        (Settings(TRACKING_OPENS=False), Tracking(clicks=True), (False, False)),
        (
            Settings(TRACKING_BY_PROVIDER=True, TRACKING_CLICKS=False),
            Tracking(),
            (True, False),
        ),
    ],
)
def test_it_is_one_of_us(settings: Settings, ours: Tracking, theirs: tuple[bool, bool]) -> None:
    assert tracking_of(settings) == ours
    assert left_to_provider(settings) == theirs


@pytest.mark.parametrize(("opens", "clicks"), [(True, False), (False, True), (False, False)])
def test_sendgrid_is_told(opens: bool, clicks: bool) -> None:
    sender = Sender("hello@example.com")
    letter = OutgoingMessage("k", sender, "ada@example.com", "Hi", "Hi", "<p>Hi</p>")
    told = payload(letter, opens=opens, clicks=clicks)["tracking_settings"]
    assert told["open_tracking"]["enable"] is opens
    assert told["click_tracking"]["enable"] is clicks


def test_a_service_message_and_a_contact_who_refuses_are_left_alone() -> None:
    ours = Tracking(opens=True, clicks=True)
    assert ours.of("marketing", unmeasured=False) == ours
    assert ours.of("marketing", unmeasured=True) == Tracking()
    assert ours.of("service", unmeasured=False) == Tracking()
    every = Tracking(opens=True, clicks=True, service=True)
    assert every.of("service", unmeasured=False) == every
