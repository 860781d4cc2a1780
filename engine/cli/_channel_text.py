"""How channels' settings and limits are written in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from engine.errors import Problem, Refused
from engine.services.channels import Limits, WarmUp


def settings_of(written: Sequence[str]) -> dict[str, Any]:
    """`field=value` as settings; numbers, true and false are read as such where they are written
    plainly. Raises Refused."""
    settings: dict[str, Any] = {}
    for one in written:
        field, separator, value = one.partition("=")
        if not separator or not field:
            raise Refused("Nothing was added.", [Problem("--set", "bad_setting", _FORM)])
        settings[field] = _read(value)
    return settings


_FORM = "write field=value, such as --set host=mail.example.com"


def _read(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else value


def read_limits(written: Sequence[str]) -> dict[str, float]:
    """`gmail.com=2` as a rate by domain. Raises Refused."""
    rates: dict[str, float] = {}
    for one in written:
        domain, _, rate = one.partition("=")
        try:
            rates[domain.strip().lower()] = float(rate)
        except ValueError:
            message = "write domain=messages a second, such as gmail.com=2"
            problem = Problem("--domain", "bad_rate", message)
            raise Refused("The limits were not set.", [problem]) from None
    return rates


def read_warm_up(written: str | None, begins: date) -> WarmUp | None:
    if written is None:
        return None
    parts = [part.strip() for part in written.split(",")]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        message = "write the most messages of each day, such as 50,100,500,1000"
        raise Refused("The limits were not set.", [Problem("--warm-up", "bad_plan", message)])
    return WarmUp(begins, tuple(int(part) for part in parts))


def limits_text(limits: Limits) -> str:
    parts = []
    if limits.per_second is not None:
        parts.append(f"{limits.per_second:g} a second")
    parts += [f"{rate:g} a second to {domain}" for domain, rate in limits.domain_rates.items()]
    if limits.warm_up is not None:
        days = orjson.dumps(list(limits.warm_up.plan)).decode().strip("[]")
        parts.append(f"warm-up from {limits.warm_up.begins}: {days}")
    return "; ".join(parts)
