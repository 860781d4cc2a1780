"""Coming in by the company's own sign-in: who is let in, and every token that lets nobody in."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Unavailable
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services.actor import SYSTEM
from engine.services.people import NewUser, deactivate_user
from engine.services.single_sign_on.company import Back, Company, Leaving
from engine.services.single_sign_on.provider import Client, NotLetIn, Provider
from engine.settings.single_sign_on import SingleSignOn
from tests.clock import Clock
from tests.people.issuer import CLIENT, SECRET, Issuer, serving


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
async def issuer(key: RSAKey) -> AsyncIterator[Issuer]:
    async with serving(Issuer(key)) as served:
        yield served


@pytest.fixture
async def company(store: Store, clock: Clock, issuer: Issuer) -> AsyncIterator[Company]:
    outgoing = Outgoing(read_reachable(f"127.0.0.1:{issuer.port}", None))
    back = "http://crm.test/sign-in/company/back"
    client = Client(issuer.url, CLIENT, SECRET, back, "staff", ("RS256",))
    yield Company(store, Provider(client, outgoing, clock.now), clock.now)
    await outgoing.close()


def asked(leaving: Leaving) -> dict[str, str]:
    return {name: one[0] for name, one in parse_qs(urlsplit(leaving.address).query).items()}


async def come_back(
    company: Company, issuer: Issuer, clock: Clock, said: Callable[[str], str] | None = None
) -> Back:
    leaving = await company.leave("/deals")
    query = asked(leaving)
    issuer.token = (
        said(query["nonce"])
        if said
        else issuer.sign(issuer.claims(query["nonce"], clock.now().timestamp()))
    )
    return await company.back(query["state"], "a code", leaving.browser)


async def test_somebody_who_was_invited_comes_in_and_is_known_by_name_from_then_on(
    store: Store, company: Company, issuer: Issuer, clock: Clock, ben: NewUser
) -> None:
    found = await come_back(company, issuer, clock)
    assert (found.user_id, found.onward) == (ben.id, "/deals")
    assert issuer.asked[0]["redirect_uri"] == "http://crm.test/sign-in/company/back"

    # the address changed there, and they are still the same person here
    def moved(nonce: str) -> str:
        claims = issuer.claims(nonce, clock.now().timestamp(), email="b2@example.com")
        return issuer.sign(claims)

    assert (await come_back(company, issuer, clock, moved)).user_id == ben.id
    assert issuer.keys_asked == 1

    def another(nonce: str) -> str:
        return issuer.sign(issuer.claims(nonce, clock.now().timestamp(), sub="4712"))

    with pytest.raises(NotLetIn) as refusal:
        await come_back(company, issuer, clock, another)
    assert refusal.value.reason == "another_subject"

    async with store.transaction() as session:
        await deactivate_user(session, SYSTEM, ben.id)
    with pytest.raises(NotLetIn) as refusal:
        await come_back(company, issuer, clock)
    assert refusal.value.reason == "deactivated"


async def test_what_is_asked_carries_a_proof_key_and_nothing_is_used_twice(
    company: Company, issuer: Issuer, clock: Clock, ben: NewUser, store: Store
) -> None:
    leaving = await company.leave("/")
    query = asked(leaving)
    assert query["code_challenge_method"] == "S256"
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    issuer.token = issuer.sign(issuer.claims(query["nonce"], clock.now().timestamp()))
    with pytest.raises(NotLetIn) as refusal:
        await company.back(query["state"], "a code", "a cookie of another browser")
    assert refusal.value.reason == "another_browser"
    with pytest.raises(NotLetIn) as refusal:
        await company.back(query["state"], "a code", leaving.browser)
    assert refusal.value.reason == "unknown_state"
    assert issuer.asked == [], "no code was given away"
    async with store.transaction() as session:
        left = await session.scalar(text("SELECT count(*) FROM single_sign_on_attempt"))
    assert left == 0


Change = dict[str, Any]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://evil.example"}, "wrong_issuer"),
        ({"aud": "another"}, "wrong_audience"),
        ({"aud": [CLIENT, "another"]}, "wrong_party"),
        ({"azp": "another"}, "wrong_party"),
        ({"nonce": "another"}, "wrong_nonce"),
        ({"nonce": None}, "wrong_nonce"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no_time"),
        ({"exp": True}, "no_time"),
        ({"iat": 9_999_999_999}, "from_the_future"),
        ({"iat": 1}, "too_old"),
        ({"nbf": 9_999_999_999}, "from_the_future"),
        ({"sub": ""}, "no_subject"),
        ({"sub": 7}, "no_subject"),
        ({"email_verified": False}, "address_not_verified"),
        ({"email_verified": "true"}, "address_not_verified"),
        ({"email": None}, "address_not_verified"),
        ({"email": "stranger@example.com"}, "not_invited"),
        ({"email": "ben@example.com\x00"}, "address_not_verified"),
    ],
)
async def test_a_token_with_one_thing_wrong_lets_nobody_in(
    company: Company, issuer: Issuer, clock: Clock, ben: NewUser, change: Change, reason: str
) -> None:
    def said(nonce: str) -> str:
        return issuer.sign(issuer.claims(nonce, clock.now().timestamp(), **change))

    with pytest.raises(NotLetIn) as refusal:
        await come_back(company, issuer, clock, said)
    assert refusal.value.reason == reason


async def test_a_signature_that_is_none_or_anothers_lets_nobody_in(
    company: Company, issuer: Issuer, clock: Clock, ben: NewUser
) -> None:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def claims(nonce: str) -> dict[str, Any]:
        return issuer.claims(nonce, clock.now().timestamp())

    other = RSAKey.generate_key(2048, {"kid": "one"})
    forged: dict[str, Callable[[str], str]] = {
        "unsigned": lambda nonce: f"{part({'alg': 'none'})}.{part(claims(nonce))}.",
        "another key": lambda nonce: issuer.sign(claims(nonce), key=other),
        "public key as a shared one": lambda nonce: issuer.sign_with_public_key(claims(nonce)),
        "not on the list": lambda nonce: issuer.sign(claims(nonce), algorithm="RS512"),
        "cut": lambda nonce: issuer.sign(claims(nonce))[:-20],
        "no token": lambda _: "abc",
        "empty": lambda _: "",
    }
    for name, said in forged.items():
        with pytest.raises(NotLetIn) as refusal:
            await come_back(company, issuer, clock, said)
        expected = {"bad_signature", "unreadable_token", "no_id_token"}
        assert refusal.value.reason in expected, name


async def test_an_issuer_that_calls_itself_otherwise_or_is_away_is_not_asked(
    company: Company, issuer: Issuer, clock: Clock, store: Store
) -> None:
    issuer.said_issuer = "https://evil.example"
    with pytest.raises(NotLetIn) as refusal:
        await company.leave("/")
    assert refusal.value.reason == "wrong_issuer_in_configuration"

    client = Client("http://127.0.0.1:9", CLIENT, SECRET, "http://x/back", "staff", ("RS256",))
    guarded = Outgoing()
    away = Company(store, Provider(client, guarded, clock.now), clock.now)
    with pytest.raises(Unavailable):
        await away.leave("/")
    await guarded.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://login.example.com"),
        ("OIDC_ISSUER", "https://user@login.example.com"),
        ("OIDC_ALGORITHMS", "RS256,none"),
        ("OIDC_ALGORITHMS", "HS256"),
        ("OIDC_ALGORITHMS", " , "),
    ],
)
def test_settings_that_would_be_unsafe_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="validation error"):
        SingleSignOn()
