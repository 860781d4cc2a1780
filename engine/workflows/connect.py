"""Reaching Temporal: one client per process, with our payloads, keys and search attributes."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping
from datetime import timedelta

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from engine.errors import Unavailable
from engine.settings import Settings, Temporal
from engine.workflows.codec import EncryptingCodec
from engine.workflows.converting import DATA_CONVERTER

KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
# Three of the ten keywords a namespace may have: find a driver by its flow, shard or job.
SEARCH_ATTRIBUTES = {"FlowName": KEYWORD, "Shard": KEYWORD, "DriverKind": KEYWORD}
RETRY_SECONDS = 0.2
# For one question whether it is there.
READY_SECONDS = timedelta(seconds=3)

log = structlog.get_logger(__name__)


def data_converter(keys: Mapping[str, bytes]) -> DataConverter:
    """Pydantic models in and out; payloads and failure texts encrypted when there is a key."""
    if not keys:
        return DATA_CONVERTER
    return dataclasses.replace(
        DATA_CONVERTER,
        payload_codec=EncryptingCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(settings: Settings, *, patience_seconds: float = 15) -> Client:
    """A client that has been answered. Raises Unavailable when nobody answers for that long."""
    temporal = settings.temporal
    if temporal.address is None:
        raise Unavailable(
            "TEMPORAL_ADDRESS is not set. Set it to your Temporal server, or start everything on "
            "this machine with `cadenza up`."
        )
    until = time.monotonic() + patience_seconds
    while True:
        try:
            client = await Client.connect(
                temporal.address,
                namespace=temporal.namespace,
                api_key=temporal.api_key.get_secret_value() if temporal.api_key else None,
                data_converter=data_converter(settings.security.keys()),
                tls=tls(temporal),
                identity=None,
            )
            await client.service_client.check_health()
        except (RuntimeError, RPCError) as error:
            if time.monotonic() > until:
                raise Unavailable(
                    f"Temporal at {temporal.address} does not answer ({error}). Check "
                    "TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TLS settings, and that the "
                    "server runs."
                ) from error
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return client


def tls(temporal: Temporal) -> TLSConfig | bool:
    """What to trust and show; an API key implies TLS."""
    files = (temporal.tls_ca_path, temporal.tls_cert_path, temporal.tls_key_path)
    if not any(files) and temporal.tls_server_name is None:
        return temporal.tls or temporal.api_key is not None
    ca, certificate, key = (path.read_bytes() if path else None for path in files)
    return TLSConfig(
        server_root_ca_cert=ca,
        client_cert=certificate,
        client_private_key=key,
        domain=temporal.tls_server_name,
    )


async def register_search_attributes(client: Client) -> None:
    """Make our search attributes known to the namespace; nothing happens the second time.

    Temporal Cloud keeps this to its own console: there a missing one is logged as what to do.
    """
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = {
            name: kind
            for name, kind in SEARCH_ATTRIBUTES.items()
            if name not in listed.custom_attributes
        }
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
            )
    except RPCError as error:
        if error.status == RPCStatusCode.ALREADY_EXISTS:
            return
        if error.status not in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED):
            raise
        log.warning(
            "search_attributes_not_registered",
            do=f"Add these keyword search attributes to {client.namespace} in its console",
            names=sorted(SEARCH_ATTRIBUTES),
        )
