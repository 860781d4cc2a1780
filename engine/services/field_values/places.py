"""Countries, languages, currencies and time zones, by their standard codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from crm_store.base import folded
from engine.local_time import is_zone
from engine.services.field_values.refusal import ValueRefused, nearest, shown

_NAMED_IN = ("en", "zh", "de", "es", "fr", "ja")
# Names in daily use that CLDR spells otherwise.
_ALSO = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "america": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "korea": "KR",
    "republic of korea": "KR",
    "turkey": "TR",
    "czech republic": "CZ",
    "holland": "NL",
    "uae": "AE",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "viet nam": "VN",
    "russian federation": "RU",
}


def country(value: object) -> str:
    """The ISO 3166 code of two letters, from itself, three letters or a name in six languages."""
    text = str(value).strip()
    if len(text) == 2 and text.isascii() and text.upper() in _country_codes():
        return text.upper()
    found = _country_names().get(folded(text))
    if found is None:
        raise ValueRefused(
            "unknown_country",
            f"{shown(value)} is not a country.{nearest(text, _territories('en').values())}",
        )
    return found


def language(value: object) -> str:
    """A BCP 47 tag: `en`, `zh-CN`, `pt-BR`. English names of languages are understood."""
    text = str(value).strip()
    found = _language(text.replace("_", "-"))
    if found is None:
        raise ValueRefused(
            "unknown_language", f'{shown(value)} is not a language; write a tag such as "en".'
        )
    return found


def currency(value: object) -> str:
    text = str(value).strip().upper()
    if text not in get_global("all_currencies"):
        raise ValueRefused(
            "unknown_currency", f'{shown(value)} is not a currency; write a code such as "EUR".'
        )
    return text


def time_zone(value: object) -> str:
    text = str(value).strip()
    if not is_zone(text):
        raise ValueRefused(
            "unknown_zone",
            f'{shown(value)} is not a time zone; write a name such as "Asia/Singapore".',
        )
    return text


def _territories(spoken: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(spoken).territories.items()}


@lru_cache(maxsize=1)
def _country_codes() -> frozenset[str]:
    # CLDR lists a few codes that are no countries: the union, the sum, and test regions.
    none = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return frozenset(
        code
        for code in _territories("en")
        if len(code) == 2 and code.isalpha() and code not in none
    )


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names = dict(_ALSO)
    for spoken in _NAMED_IN:
        territories = _territories(spoken)
        for code in _country_codes():
            if code in territories:
                names.setdefault(folded(territories[code]), code)
    three_letters: Mapping[str, list[str]] = get_global("territory_aliases")
    for three, two in three_letters.items():
        if len(three) == 3 and three.isalpha() and len(two) == 1:
            names.setdefault(three.casefold(), two[0])
    return names


@lru_cache(maxsize=1024)
def _language(tag: str) -> str | None:
    try:
        parsed = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return {folded(name): code for code, name in Locale("en").languages.items()}.get(
            folded(tag)
        )
    primary, *rest = tag.split("-")
    territory = parsed.territory if any(part.upper() == parsed.territory for part in rest) else None
    script = parsed.script if any(part.title() == parsed.script for part in rest) else None
    return "-".join(part for part in (primary.lower(), script, territory) if part)
