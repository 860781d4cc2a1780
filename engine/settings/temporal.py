"""The Temporal server."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from engine.settings.loading import Group


class Temporal(Group):
    """The Temporal server or cloud. Without an address, `cadenza up` runs its own."""

    address: str | None = Field(
        None,
        alias="TEMPORAL_ADDRESS",
        description="Host and port of a Temporal frontend, such as temporal.example.com:7233.",
    )
    namespace: str = Field(
        "default", alias="TEMPORAL_NAMESPACE", description="The namespace all workflows live in."
    )
    api_key: SecretStr | None = Field(
        None, alias="TEMPORAL_API_KEY", description="API key of Temporal Cloud; implies TLS."
    )
    tls: bool = Field(
        False,
        alias="TEMPORAL_TLS",
        description="Encrypt the connection, trusting the system's CAs.",
    )
    tls_server_name: str | None = Field(
        None,
        alias="TEMPORAL_TLS_SERVER_NAME",
        description="Name to expect in the server's certificate when it is not the address's host.",
    )
    tls_ca_path: Path | None = Field(
        None,
        alias="TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        description="File with the CA certificates to trust instead of the system's (PEM).",
    )
    tls_cert_path: Path | None = Field(
        None,
        alias="TEMPORAL_TLS_CLIENT_CERT_PATH",
        description="File with our client certificate (PEM), for servers that ask for one.",
    )
    tls_key_path: Path | None = Field(
        None,
        alias="TEMPORAL_TLS_CLIENT_KEY_PATH",
        description="File with the private key of our client certificate (PEM).",
    )

    @field_validator("address")
    @classmethod
    def _host_and_port(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"[^/\s]+:\d+", address):
            raise ValueError("must be a host and a port, such as temporal.example.com:7233")
        return address
