"""Codes that change every half minute, as RFC 6238 makes them, and codes for a lost telephone."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from hmac import compare_digest
from io import BytesIO
from typing import Final

import pyotp
import segno

STEP_SECONDS: Final = 30
DIGITS: Final = 6
# A clock may be half a minute wrong to either side.
STEPS_ASIDE: Final = 1
RECOVERY_CODES: Final = 10
ISSUER: Final = "Cadenza"
_SECRET: Final = re.compile(r"[A-Z2-7]{32}")
# Without letters that are taken for digits.
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def address_of(secret: str, account: str) -> str:
    """What the QR code says; apps read the account and the issuer from it."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """The QR code as an SVG of plain paths, dark on white, whatever the theme is."""
    out = BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, border=3, light="#fff", dark="#000", xmldecl=False, svgns=True
    )
    return out.getvalue().decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code this is, None for a wrong one. All are compared, so that the
    time taken tells nothing."""
    typed = code.replace(" ", "")
    if len(typed) != DIGITS or not typed.isascii() or not typed.isdecimal():
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(here - STEPS_ASIDE, here + STEPS_ASIDE + 1):
        if compare_digest(totp.generate_otp(step), typed):
            found = step
    return found


def code_at(secret: str, now: datetime) -> str:
    """What an app shows at this moment."""
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def new_recovery_codes() -> list[str]:
    """78 random bits each: nobody tries them out, so a fast hash keeps them."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str, user_id: int) -> str:
    plain = re.sub(r"[\s-]", "", code).casefold()[:64]
    return hashlib.sha256(f"{user_id}:{plain}".encode("utf-8", "replace")).hexdigest()
