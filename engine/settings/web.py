"""The web doors, and the keys that sign and encrypt."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from engine.settings.loading import Group, Port

_HOST_NAME = re.compile(
    r"(\*\.)?(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,10}", re.IGNORECASE | re.ASCII
)


def host_names(written: str) -> list[str]:
    """The names in ALLOWED_HOSTS, in small letters."""
    return [name.strip().lower() for name in written.split(",") if name.strip()]


class Web(Group):
    """The address people and other systems come to."""

    host: str = Field(
        "127.0.0.1",
        alias="HTTP_HOST",
        description="Address to listen on; 0.0.0.0 for every network of the machine.",
    )
    port: Port = Field(
        8080, alias="HTTP_PORT", description="Port to listen on; 0 for any free one."
    )
    public_url: str | None = Field(
        None,
        alias="PUBLIC_URL",
        description="What outsiders type to get here, such as https://crm.example.com: links in "
        "mails are made from it. Without it they point to this machine.",
    )
    allowed_hosts: str = Field(
        "",
        alias="ALLOWED_HOSTS",
        description="Further names, separated by commas, under which browsers may come here, such "
        "as crm.internal.example.com; *.example.com for every name below one. The name in "
        "PUBLIC_URL, plain addresses and names without a dot are always allowed.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        alias="METRICS_TOKEN",
        description="What a collector shows as `Authorization: Bearer …` to read /metrics. Without "
        "it only this machine may read them.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        alias="TRUSTED_PROXIES",
        description="Addresses, separated by commas, whose X-Forwarded headers are believed.",
    )
    session_hours: int = Field(
        336, alias="SESSION_HOURS", ge=1, description="How long a sign-in lasts without activity."
    )
    max_event_bytes: int = Field(
        32_768, alias="MAX_EVENT_BYTES", ge=1024, description="Largest single event accepted."
    )
    max_batch_bytes: int = Field(
        512_000, alias="MAX_BATCH_BYTES", ge=1024, description="Largest batch of events accepted."
    )
    max_pending_events: int = Field(
        1_000_000,
        alias="MAX_PENDING_EVENTS",
        ge=1000,
        description="When so many events wait for the rules, the doors answer 429 to more.",
    )
    min_free_disk_bytes: int = Field(
        268_435_456,
        alias="MIN_FREE_DISK_BYTES",
        ge=0,
        description="With less room on the disk of the data folder, the doors answer 429 to "
        "events.",
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, written: str) -> str:
        for name in host_names(written):
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(
                    f'"{name}" is not a name; write crm.example.com or *.example.com, without '
                    "https:// and without a port"
                )
        return written

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError("must be a whole address such as https://crm.example.com")
        return url.rstrip("/")


class Security(Group):
    """Keys. `cadenza up` makes its own in the data folder; `serve` and `worker` are given them."""

    secret_key: SecretStr | None = Field(
        None,
        alias="SECRET_KEY",
        min_length=32,
        description="Signs links in mails; 32 characters or more, the same for all processes.",
    )
    old_secret_key: SecretStr | None = Field(
        None,
        alias="SECRET_KEY_OLD",
        min_length=32,
        description="The SECRET_KEY before the last change: links signed with it keep working.",
    )
    encryption_keys: SecretStr | None = Field(
        None,
        alias="ENCRYPTION_KEY",
        description="Encrypts what Temporal stores: id:key with 32 bytes in base64. Several, "
        "separated by commas, are all read, and the first one writes.",
    )

    @field_validator("encryption_keys")
    @classmethod
    def _readable(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            parse_encryption_keys(keys.get_secret_value())
        return keys

    def keys(self) -> dict[str, bytes]:
        """Encryption keys by id, the writing one first; empty when none is set."""
        if self.encryption_keys is None:
            return {}
        return parse_encryption_keys(self.encryption_keys.get_secret_value())


def parse_encryption_keys(text: str) -> dict[str, bytes]:
    """`id:base64,id:base64` as keys by id. Raises ValueError with a sentence."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(text.split(","), start=1):
        name, separator, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not separator or not name or len(key) != 32:
            raise ValueError(
                f"key {number} is not id:key with 32 bytes in base64; make one with "
                "`cadenza new-key`"
            )
        if name in keys:
            raise ValueError(f"the id {name} is used twice")
        keys[name] = key
    return keys
