"""E-mail addresses and telephone numbers."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from engine.services.field_values.refusal import ValueRefused, shown

# RFC 5321: 64 octets before the @, 254 in all.
_LONGEST = 254
_LONGEST_LOCAL = 64
# The ordinary address, told apart in a microsecond; all others go to the full check (40 us).
_ORDINARY = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?=[^@]{4,190}$)(?:(?!-)[A-Za-z0-9-]{1,62}(?<!-)\.)+(?:com|net|org|edu|[a-z]{2})"
)
_SEPARATORS = re.compile(r"[\s().\-/·]")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def email(value: object) -> str:
    """The address as written, tidied. Whether somebody reads it shows when mail is sent."""
    if not isinstance(value, str):
        raise ValueRefused("bad_email", f"{shown(value)} is not an e-mail address.")
    text = value.strip()
    if len(text) <= _LONGEST and text.find("@") <= _LONGEST_LOCAL and _ORDINARY.fullmatch(text):
        return text
    return _checked(text)


@lru_cache(maxsize=1024)
def _checked(text: str) -> str:
    try:
        return validate_email(
            text, check_deliverability=False, test_environment=True, strict=True
        ).normalized
    except EmailNotValidError as error:
        raise ValueRefused("bad_email", f"{shown(text)} is not an address: {error}") from None


def phone(value: object, *, region: str | None = None) -> str:
    """In international form (E.164). Without a leading + the number is read as of `region`."""
    text = str(value).strip()
    digits = _SEPARATORS.sub("", text)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if _INTERNATIONAL.fullmatch(digits):
        return digits
    return _in_region(text, region)


@lru_cache(maxsize=1024)
def _in_region(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        hint = "" if region else ' Begin with + and the country\'s code, or map "region".'
        raise ValueRefused("bad_phone", f"{shown(text)} is not a phone number.{hint}") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueRefused("bad_phone", f"{shown(text)} has too few or too many digits.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
