"""Signed links: what they carry, who can make them, and changed secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.unsubscribe import BadToken, UnsubscribeClaim, UnsubscribeLinks

LINKS = UnsubscribeLinks("https://crm.cadenza.test/", ["secret one"])


@given(contact_id=st.integers(1, 2**63 - 1))
def test_a_link_says_what_it_was_made_for(contact_id: int) -> None:
    token = LINKS.token(contact_id, "email", "marketing")
    assert LINKS.read(token) == UnsubscribeClaim(contact_id, "email", "marketing")
    assert len(token) < 100


def test_the_address_is_ours_and_holds_no_person() -> None:
    url = LINKS.url(42, "email", "marketing")
    assert url.startswith("https://crm.cadenza.test/u/")
    assert url == LINKS.url(42, "email", "marketing")
    assert "@" not in url


def test_every_changed_character_is_noticed() -> None:
    token = LINKS.token(42, "email", "marketing")
    for place in range(len(token)):
        for other in "Aa0.-":
            changed = token[:place] + other + token[place + 1 :]
            if changed != token:
                with pytest.raises(BadToken):
                    LINKS.read(changed)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "x" * 10_000, "../../etc", "0" * 8 + "." + "A" * 20 + "." + "A" * 22],
)
def test_nonsense_is_no_link(token: str) -> None:
    with pytest.raises(BadToken):
        LINKS.read(token)


def test_a_part_of_a_link_is_no_link() -> None:
    token = LINKS.token(42, "email", "marketing")
    for cut in range(1, len(token)):
        with pytest.raises(BadToken):
            LINKS.read(token[:-cut])


def test_a_link_of_another_secret_is_refused() -> None:
    other = UnsubscribeLinks("https://crm.cadenza.test", ["secret two"])
    with pytest.raises(BadToken):
        LINKS.read(other.token(42, "email", "marketing"))


def test_links_outlive_a_changed_secret() -> None:
    token = LINKS.token(42, "email", "marketing")
    after = UnsubscribeLinks("https://crm.cadenza.test", ["secret two", "secret one"])
    assert after.read(token).contact_id == 42
    assert after.token(42, "email", "marketing") != token
    assert after.read(after.token(7, "email", "all")).purpose == "all"


@pytest.mark.parametrize(
    "claim", [(0, "email", "x"), (-1, "email", "x"), (1, "e:mail", "x"), (1, "email", "X Y")]
)
def test_what_cannot_be_read_back_is_not_made(claim: tuple[int, str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be put into a link"):
        LINKS.token(*claim)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_there_are_no_links(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        UnsubscribeLinks("https://crm.cadenza.test", secrets)
