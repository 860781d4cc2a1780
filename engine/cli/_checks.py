"""What `cadenza doctor` looks at on this machine: each look ends in one sentence."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from engine.embedded.data_dir import DataDir
from engine.embedded.ports import is_free
from engine.settings import GROUPS, Settings

OLDEST_PYTHON = (3, 11)
# A month of a small company's data and Temporal's history, with room for a backup beside it.
WANTED_BYTES = 2 * 1024**3
NEEDED_BYTES = 200 * 1024**2


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is a sentence; for a wrong thing it says what to do."""

    verdict: Verdict
    what: str


def ok(what: str) -> Finding:
    return Finding(Verdict.OK, what)


def note(what: str) -> Finding:
    return Finding(Verdict.NOTE, what)


def wrong(what: str) -> Finding:
    return Finding(Verdict.WRONG, what)


def python(version: tuple[int, int, int] = sys.version_info[:3]) -> Finding:
    shown = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        return wrong(
            f"Python {shown} is too old. Install Python 3.11 or newer and make .venv anew."
        )
    return ok(f"Python {shown}.")


def misspelt_settings(environment: dict[str, str] | None = None) -> Iterator[Finding]:
    """Variables that nearly have the name of a setting, and so do nothing."""
    known = {str(field.alias) for group in GROUPS.values() for field in group.model_fields.values()}
    files = {f"{name}_FILE" for name in known}
    for name in os.environ if environment is None else environment:
        if name in known or name in files:
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
        if near:
            yield note(f"{name} is not a setting. Did you mean {near[0]}?")


def data_folder(data: DataDir) -> Finding:
    """Can be written, or could be made."""
    place = data.root
    while not place.exists():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return wrong(
            f"The data folder {data.root} cannot be written. Choose another with CADENZA_DATA_DIR "
            f"or --data-dir, or change the rights of {place}."
        )
    running = data.running()
    if running is not None:
        return ok(f"Data folder {data.root}: in use by Cadenza at {running.url}.")
    return ok(f"Data folder {data.root}.")


def disk(folder: Path) -> Finding:
    place = folder
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    shown = f"{free / 1024**3:.1f} GiB free on the disk of {folder}"
    if free < NEEDED_BYTES:
        return wrong(f"Only {shown}: make room, or choose another disk with --data-dir.")
    if free < WANTED_BYTES:
        return note(f"{shown}: enough to try, little for a year.")
    return ok(f"{shown}.")


def ports(settings: Settings, data: DataDir) -> Iterator[Finding]:
    """The ports `cadenza up` wants, unless it runs already."""
    if data.running() is not None:
        return
    wanted = [("the web pages", settings.web.port, settings.web.host)]
    if settings.delivery.channel == "mailbox":
        wanted.append(("the mailbox", settings.mailbox.port, settings.mailbox.host))
    if settings.database.url is None:
        wanted.append(("PostgreSQL", settings.data.postgres_port, "127.0.0.1"))
    if settings.temporal.address is None:
        wanted.append(("Temporal", settings.data.temporal_port, "127.0.0.1"))
    for what, port, host in wanted:
        if port == 0 or is_free(port, host):
            yield ok(f"Port {port} is free for {what}.")
        else:
            yield note(
                f"Port {port} for {what} is taken by another program: `cadenza up` will use the "
                "next free one, `cadenza serve` would refuse."
            )


def public_url(settings: Settings) -> Finding:
    url, host = settings.web.public_url, settings.web.host
    if url is None:
        if host in ("127.0.0.1", "localhost", "::1"):
            return note("PUBLIC_URL is not set: links in mails only work on this machine.")
        return wrong(
            "PUBLIC_URL is not set although others may come: links in mails would be wrong. Set it "
            "to what outsiders type, such as https://crm.example.com."
        )
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        return note(f"PUBLIC_URL {url} is not encrypted: sign-ins can be read on the way.")
    return ok(f"Public address {url}.")


def keys(settings: Settings) -> Iterator[Finding]:
    if settings.security.secret_key is None and settings.database.url is not None:
        yield wrong("SECRET_KEY is not set: `cadenza new-key` prints one, the same for all parts.")
    if settings.temporal.address is not None and not settings.security.keys():
        yield note(
            "ENCRYPTION_KEY is not set: what Temporal stores can be read there. `cadenza new-key` "
            "prints one."
        )
