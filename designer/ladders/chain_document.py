"""What may be done to the document of an approval chain while it is drawn; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from designer.ladders.sheet import inserted, moved, value_at, with_value, without
from engine.approvals.approvers import WAYS

LEVELS: Final = ("levels",)
BANDS: Final = ("bands",)


def way_of(approver: Mapping[str, Any]) -> str:
    """Which of the ways to say who this line uses; "role" for one that says nothing yet."""
    return next((way for way in WAYS if way in approver), "role")


def with_way(approver: Mapping[str, Any], way: str) -> dict[str, Any]:
    """The same voice, asked of somebody else: what it weighs and when stays."""
    starts: dict[str, Any] = {
        "role": "sales_manager",
        "team_head": "requester",
        "manager_of": {"of": "requester"},
        "field": "owner",
    }
    kept = {key: value for key, value in approver.items() if key not in WAYS}
    return {way: starts.get(way, ""), **kept}


def free_key(levels: Sequence[Mapping[str, Any]]) -> str:
    taken = {str(level.get("key")) for level in levels}
    number = len(levels) + 1
    while f"level_{number}" in taken:
        number += 1
    return f"level_{number}"


def with_level(document: Mapping[str, Any], index: int) -> Any:
    """One more level there; where there are bands, the largest amounts go through it."""
    levels = value_at(document, LEVELS) or []
    key = free_key(levels)
    new = {"key": key, "approvers": [{"role": "admin"}], "quorum": "any"}
    document = inserted(document, LEVELS, index, new)
    bands = value_at(document, BANDS) or []
    if not bands:
        return document
    return _with_bands(document, [*bands[:-1], _through(document, bands[-1], key, goes=True)])


def without_level(document: Mapping[str, Any], index: int) -> Any:
    key = value_at(document, (*LEVELS, index, "key"))
    document = without(document, LEVELS, index)
    bands = value_at(document, BANDS) or []
    return _with_bands(document, [_through(document, one, key, goes=False) for one in bands])


def moved_level(document: Mapping[str, Any], index: int, by: int) -> Any:
    """Bands go through their levels in the order of the ladder."""
    document = moved(document, LEVELS, index, by)
    return _with_bands(document, [_ordered(document, one) for one in value_at(document, BANDS, [])])


def with_key(document: Mapping[str, Any], index: int, key: str) -> Any:
    """A level under another short name, which bands follow."""
    was = value_at(document, (*LEVELS, index, "key"))
    document = with_value(document, (*LEVELS, index, "key"), key)
    bands = [
        {**band, "levels": [key if one == was else one for one in band.get("levels", [])]}
        for band in value_at(document, BANDS) or []
    ]
    return _with_bands(document, bands)


def goes_through(band: Mapping[str, Any], key: str) -> bool:
    return key in band.get("levels", [])


def with_through(document: Mapping[str, Any], band: int, key: str, *, goes: bool) -> Any:
    """Whether the amounts of a band go through a level."""
    bands = list(value_at(document, BANDS) or [])
    bands[band] = _through(document, bands[band], key, goes=goes)
    return _with_bands(document, bands)


def with_bound(document: Mapping[str, Any], index: int, bound: float | int | None) -> Any:
    """Where the band `index` ends and the next one begins: one number, so that there is no gap."""
    bands = [dict(one) for one in value_at(document, BANDS) or []]
    if bound is None or index + 1 >= len(bands):
        return document
    bands[index]["to"], bands[index + 1]["from"] = bound, bound
    return _with_bands(document, bands)


def with_band(document: Mapping[str, Any]) -> Any:
    """One more band, for larger amounts than all others. The first one says amounts at all."""
    bands = [dict(one) for one in value_at(document, BANDS) or []]
    keys = [level.get("key") for level in value_at(document, LEVELS) or []]
    if not bands:
        document = with_value(document, ("currency",), document.get("currency") or "base")
        first = {"from": 0, "to": 1000, "levels": keys[:1]}
        return _with_bands(document, [first, {"from": 1000, "levels": keys}])
    begins = _as_number(bands[-1].get("from"))
    bound = begins * 10 if begins else 1000
    bands[-1]["to"] = bound
    return _with_bands(document, [*bands, {"from": bound, "levels": bands[-1].get("levels", keys)}])


def without_band(document: Mapping[str, Any], index: int) -> Any:
    """Its amounts go with the band below it, the lowest ones with the band above; with one band
    left, amounts do not matter any more."""
    bands = [dict(one) for one in value_at(document, BANDS) or []]
    gone = bands.pop(index)
    if len(bands) < 2:
        document = with_value(document, BANDS, None)
        return with_value(document, ("currency",), None)
    if index == 0:
        bands[0]["from"] = gone.get("from", 0)
    elif "to" in gone:
        bands[index - 1]["to"] = gone["to"]
    else:
        bands[index - 1].pop("to", None)
    return _with_bands(document, bands)


def _as_number(value: Any) -> int | float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0
    return int(number) if number.is_integer() else number


def _through(
    document: Mapping[str, Any], band: Mapping[str, Any], key: Any, *, goes: bool
) -> dict[str, Any]:
    keys = [one for one in band.get("levels", []) if one != key]
    return _ordered(document, {**band, "levels": [*keys, key] if goes else keys})


def _ordered(document: Mapping[str, Any], band: Mapping[str, Any]) -> dict[str, Any]:
    order = [level.get("key") for level in value_at(document, LEVELS) or []]
    keys = band.get("levels", [])
    known = sorted((one for one in keys if one in order), key=order.index)
    return {**band, "levels": [*known, *(one for one in keys if one not in order)]}


def _with_bands(document: Any, bands: Sequence[Any]) -> Any:
    return with_value(document, BANDS, list(bands)) if bands else document
