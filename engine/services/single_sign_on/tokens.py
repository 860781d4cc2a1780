"""Whether an id token is what it says: signed by the issuer, for us, for this sign-in, now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.services.single_sign_on.provider import NotLetIn

# How wrong a clock may be.
SKEW: Final = timedelta(seconds=60)
OLDEST: Final = timedelta(minutes=10)


class UnknownKey(NotLetIn):
    """The token names a key that is not known; asking for the keys again may help."""


@dataclass(frozen=True, slots=True)
class Proven:
    """`email` is None unless the issuer says that it verified the address."""

    name: str
    email: str | None


def proven(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    algorithms: Sequence[str],
    now: datetime,
) -> Proven:
    """Raises NotLetIn with the first thing that is wrong."""
    try:
        read = jwt.decode(token, keys, algorithms=list(algorithms))
    except JoseError as error:
        # the library says so by this name where no key of the set is the token's
        kind = UnknownKey if type(error).__name__ == "InvalidKeyIdError" else NotLetIn
        raise kind("bad_signature") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotLetIn("unreadable_token") from error
    claims = read.claims
    if not isinstance(claims, Mapping):
        raise NotLetIn("unreadable_token")
    _check(claims, issuer, client_id, nonce, now)
    email = claims.get("email")
    verified = claims.get("email_verified") is True and isinstance(email, str)
    return Proven(f"{issuer}|{claims['sub']}", str(email) if verified else None)


def _check(
    claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    if claims.get("iss") != issuer:
        raise NotLetIn("wrong_issuer")
    heard_by = claims.get("aud")
    audience = heard_by if isinstance(heard_by, list) else [heard_by]
    if client_id not in audience:
        raise NotLetIn("wrong_audience")
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise NotLetIn("wrong_party")
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if expires + SKEW.total_seconds() <= now.timestamp():
        raise NotLetIn("expired")
    if issued - SKEW.total_seconds() > now.timestamp():
        raise NotLetIn("from_the_future")
    if issued + OLDEST.total_seconds() < now.timestamp():
        raise NotLetIn("too_old")
    if "nbf" in claims and _instant(claims, "nbf") - SKEW.total_seconds() > now.timestamp():
        raise NotLetIn("from_the_future")
    told = claims.get("nonce")
    if not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise NotLetIn("wrong_nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise NotLetIn("no_subject")


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLetIn("no_time")
    return float(value)
