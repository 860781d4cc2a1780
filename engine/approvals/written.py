"""From a chain's document to its model, with everything that is wrong in itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from engine.approvals.model import BASE, Band, Chain
from engine.errors import Problem
from engine.flows.problems import did_you_mean, pointer_to
from engine.flows.settings_problems import setting_problems
from engine.rules.tables.splitting import CellRefused
from engine.rules.tables.values import minor_units


def read_chain(document: Mapping[str, Any], problems: list[Problem]) -> Chain | None:
    """The chain, or None with the mistakes in `problems`, each under its JSON pointer."""
    try:
        chain = Chain.model_validate(dict(document))
    except ValidationError as error:
        problems += [
            Problem(pointer_to(found.path), found.code.value, found.message)
            for found in setting_problems(Chain, error)
        ]
        return None
    found = [*_double_levels(chain), *_bands(chain)]
    problems += found
    return None if found else chain


def _double_levels(chain: Chain) -> Iterator[Problem]:
    counts = Counter(level.key for level in chain.levels)
    for index, level in enumerate(chain.levels):
        if counts[level.key] > 1:
            message = f'several levels are called "{level.key}"; give each a name of its own.'
            yield Problem(f"/levels/{index}/key", "duplicate_key", message)


def _bands(chain: Chain) -> Iterator[Problem]:
    yield from _currency(chain)
    keys = [level.key for level in chain.levels]
    for index, band in enumerate(chain.bands):
        place = f"/bands/{index}"
        for at, key in enumerate(band.levels):
            if key not in keys:
                message = f'there is no level "{key}"; {did_you_mean(key, keys)}'
                yield Problem(f"{place}/levels/{at}", "unknown_level", message)
        for key, times in Counter(band.levels).items():
            if times > 1:
                message = f'the level "{key}" stands in this band {times} times.'
                yield Problem(f"{place}/levels", "duplicate_key", message)
        if band.ends is not None and band.ends <= band.begins:
            message = f"the band ends at {band.ends} and begins at {band.begins}; nothing is in it."
            yield Problem(f"{place}/to", "empty_band", message)
    yield from _neighbours(chain.bands)
    if chain.bands:
        used = {key for band in chain.bands for key in band.levels}
        for index, level in enumerate(chain.levels):
            if level.key not in used:
                message = f'no band goes through the level "{level.key}".'
                yield Problem(f"/levels/{index}", "unreachable_level", message)


def _currency(chain: Chain) -> Iterator[Problem]:
    if not chain.bands:
        return
    if chain.currency is None:
        message = 'bands are of amounts in one currency; write it, or "base", as `currency`.'
        yield Problem("/currency", "missing_key", message)
    elif chain.currency != BASE:
        for place, bound in _bounds(chain.bands):
            try:
                minor_units(str(bound), chain.currency)
            except CellRefused as error:
                yield Problem(place, "bad_value", str(error))
                return


def _bounds(bands: tuple[Band, ...]) -> Iterator[tuple[str, Decimal]]:
    for index, band in enumerate(bands):
        yield f"/bands/{index}/from", band.begins
        if band.ends is not None:
            yield f"/bands/{index}/to", band.ends


def _neighbours(bands: tuple[Band, ...]) -> Iterator[Problem]:
    if not bands:
        return
    if bands[0].begins > 0:
        message = f"amounts below {bands[0].begins} are in no band; begin the first one at 0."
        yield Problem("/bands/0/from", "band_gap", message)
    for index, (one, other) in enumerate(pairwise(bands), 1):
        place = f"/bands/{index}/from"
        if one.ends is None or other.begins < one.ends:
            until = "all larger amounts" if one.ends is None else f"amounts up to {one.ends}"
            message = f"band {index} has {until} already; this one begins at {other.begins}."
            yield Problem(place, "overlapping_bands", message)
        elif other.begins > one.ends:
            message = f"amounts from {one.ends} to {other.begins} are in no band."
            yield Problem(place, "band_gap", message)
    if bands[-1].ends is not None:
        last = len(bands) - 1
        message = (
            f"amounts from {bands[-1].ends} are in no band; leave the end of the last one out."
        )
        yield Problem(f"/bands/{last}/to", "band_gap", message)
