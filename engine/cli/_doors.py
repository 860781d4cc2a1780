"""What `cadenza doctor` says of doors, keys and files: whether strangers could come in or read."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from engine.cli._checks import NEEDED_BYTES, Finding, note, ok, wrong
from engine.embedded.data_dir import DataDir
from engine.settings import GROUPS, Settings
from engine.settings.loading import is_secret
from engine.telemetry import tracing

# 128 bits, as `cadenza new-key` writes them and twice over.
SHORTEST_KEY = 32
# What is tried first.
_COMMON = frozenset({"", "postgres", "password"})
_METADATA = ip_address("169.254.169.254")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def doors(settings: Settings) -> Iterator[Finding]:
    """Listening addresses, proxies, names, and who may read the metrics."""
    web = settings.web
    open_to_others = not is_loopback(web.host)
    https = urlsplit(web.public_url or "").scheme == "https"
    if not open_to_others:
        yield ok(f"The web pages listen on this machine alone ({web.host}).")
    elif https:
        yield ok(f"The web pages listen on {web.host}; keep a proxy with TLS before them.")
    else:
        yield wrong(
            f"The web pages listen on {web.host} without TLS: sign-ins can be read on the way. Put "
            "a proxy with TLS before them, set PUBLIC_URL to its https address, or set HTTP_HOST "
            "to 127.0.0.1."
        )
    proxies = [one.strip() for one in web.trusted_proxies.split(",") if one.strip()]
    if "*" in proxies:
        yield wrong(
            "TRUSTED_PROXIES is *: anybody may write the address they come from, and limits on "
            "guessing passwords hold nobody back. Write the addresses of your proxies."
        )
    if "*." in web.allowed_hosts:
        yield note("ALLOWED_HOSTS allows every name below one: fine if all of them are yours.")
    if open_to_others and web.metrics_token is None:
        yield note("METRICS_TOKEN is not set: /metrics is answered on this machine alone.")
    if settings.delivery.channel == "mailbox" and not is_loopback(settings.mailbox.host):
        yield wrong(
            f"The mailbox listens on {settings.mailbox.host}: anybody there may fill it. Set "
            "MAILBOX_HOST to 127.0.0.1."
        )


def outgoing(settings: Settings) -> Iterator[Finding]:
    """What flows may call, and mail servers that are believed too easily."""
    for part in (one.strip() for one in settings.outgoing.allow.split(",")):
        network = part.rpartition(":")[0] if part.count(":") == 1 else part
        try:
            allowed = ip_network(network.strip("[]"), strict=False)
        except ValueError:
            continue
        if allowed.prefixlen == 0:
            yield wrong(
                f"OUTGOING_ALLOW has {part}, which is everything: flows may call any machine of "
                "your network. Name the systems they are to call."
            )
        elif allowed.version == 4 and _METADATA in allowed:
            yield wrong(
                f"OUTGOING_ALLOW has {part}, and with it the address where clouds keep a machine's "
                "keys. Name narrower networks."
            )
    delivery = settings.delivery
    if delivery.channel == "smtp" and delivery.host is not None:
        if delivery.security == "none" and not is_loopback(delivery.host):
            sent = "mail and password" if delivery.password is not None else "mail"
            yield wrong(
                f"SMTP_SECURITY is none: {sent} can be read on the way. Set it to starttls or tls."
            )
        if not delivery.verify:
            yield note("SMTP_VERIFY is false: the mail server may be anybody.")


def strength(settings: Settings) -> Iterator[Finding]:
    """Keys that could be guessed, and passwords left as they came."""
    security = settings.security
    for name, key in (
        ("SECRET_KEY", security.secret_key),
        ("OLD_SECRET_KEY", security.old_secret_key),
        ("METRICS_TOKEN", settings.web.metrics_token),
    ):
        if key is None:
            continue
        text = key.get_secret_value()
        shortest = 16 if name == "METRICS_TOKEN" else SHORTEST_KEY
        if len(text) < shortest or len(set(text)) < 8:
            yield wrong(f"{name} can be guessed: `cadenza new-key` prints one of full strength.")
        else:
            yield ok(f"{name} is long enough.")
    url = settings.database.url
    if url is None:
        return
    parts = urlsplit(url.get_secret_value())
    if parts.password is not None and parts.password in (
        "",
        "postgres",
        "password",
        parts.username,
    ):
        yield wrong("The password in DATABASE_URL is one that everybody tries first. Change it.")
    if not is_loopback(parts.hostname or "localhost") and "sslmode=" not in parts.query:
        yield note(
            "DATABASE_URL does not say sslmode: add ?sslmode=verify-full unless the way to the "
            "database is yours alone."
        )


def files(
    settings: Settings, data: DataDir, environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Who may read keys and people's data on this machine, and room for what is uploaded."""
    places = [data.root / name for name in ("secrets", "mail", "logs")]
    places += sorted((data.root / "secrets").glob("*")) if places[0].is_dir() else []
    for group in GROUPS.values():
        for name, field in group.model_fields.items():
            path = environment.get(f"{field.alias or name}_FILE")
            if path and is_secret(field):
                places.append(Path(path))
    if settings.temporal.tls_key_path is not None:
        places.append(settings.temporal.tls_key_path)
    found = [wrong_rights for place in places for wrong_rights in _rights(place)]
    yield from found
    if not found:
        yield ok("Files with keys can be read by their owner alone.")
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < NEEDED_BYTES:
        yield wrong(
            f"Only {free / 1024**2:.0f} MiB free in {tempfile.gettempdir()}, where uploads wait: "
            "make room, or set TMPDIR to another disk."
        )


def traces(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether traces that are asked for can be sent."""
    if not tracing.is_wanted(environment):
        return
    if tracing.can_send():
        yield ok("Traces go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names.")
    else:
        yield wrong(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and the extra is not installed: "
            "pip install 'cadenza[telemetry]', or unset it."
        )


def _rights(place: Path) -> Iterator[Finding]:
    """A container's secret mounts (/run/secrets) belong to root and are read by everybody inside;
    nobody else is inside."""
    if place.is_relative_to("/run/secrets"):
        return
    try:
        state = place.stat()
    except OSError:
        return
    others = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP
    if place.is_dir() and state.st_mode & stat.S_IROTH:
        yield wrong(f"Everybody on this machine may look into {place}: chmod 700 {place}")
    elif place.is_file() and state.st_mode & others:
        yield wrong(f"Others on this machine may read or change {place}: chmod 600 {place}")
