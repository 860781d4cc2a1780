"""Where everything is kept: the data folder and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from engine.settings.loading import Group, Port


class Data(Group):
    """The folder of everything that one machine keeps, and the servers embedded in it."""

    folder: Path = Field(
        Path("var"),
        alias="CADENZA_DATA_DIR",
        description="Where the embedded servers, the mailbox and generated keys keep their files.",
    )
    postgres_port: Port = Field(
        54320,
        alias="EMBEDDED_POSTGRES_PORT",
        description="Wanted loopback port of the embedded PostgreSQL; the next free one if taken.",
    )
    temporal_port: Port = Field(
        7233,
        alias="EMBEDDED_TEMPORAL_PORT",
        description="Wanted loopback port of the embedded Temporal; the next free one if taken.",
    )
    temporal_ui_port: Port = Field(
        8233,
        alias="EMBEDDED_TEMPORAL_UI_PORT",
        description="Wanted loopback port of the embedded Temporal's own pages; 0 for no pages.",
    )


class Database(Group):
    """PostgreSQL. Without an address, `cadenza up` runs its own under the data folder."""

    url: SecretStr | None = Field(
        None,
        alias="DATABASE_URL",
        description="Address of PostgreSQL 16 or newer: postgresql://user:password@host:5432/name",
    )
    pool_size: int = Field(
        12,
        alias="DATABASE_POOL_SIZE",
        ge=1,
        le=200,
        description="Connections each process keeps open; it may open as many again when busy.",
    )

    @field_validator("url")
    @classmethod
    def _psycopg(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
            raise ValueError("must start with postgresql:// (no other database is supported)")
        return SecretStr(f"postgresql+psycopg://{rest}")
