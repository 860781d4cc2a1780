"""Nothing readable reaches Temporal when a key is set."""

from __future__ import annotations

import dataclasses
import secrets
import uuid

import pytest
from pydantic import BaseModel, SecretStr
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from engine import settings
from engine.workflows.codec import EncryptingCodec, UnreadablePayload
from engine.workflows.connect import (
    SEARCH_ATTRIBUTES,
    connect,
    data_converter,
    register_search_attributes,
)

OLD, NEW = {"old": secrets.token_bytes(32)}, {"new": secrets.token_bytes(32)}


class Ask(BaseModel):
    name: str


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, ask: Ask) -> Ask:
        if ask.name == "fail":
            raise ApplicationError("Ada did not like it", non_retryable=True)
        return ask


async def test_payloads_come_back_and_are_unreadable_on_the_way() -> None:
    converter = data_converter(NEW)
    (payload,) = await converter.encode([Ask(name="Ada Lovelace")])
    assert b"Ada" not in payload.SerializeToString()
    assert await converter.decode([payload], [Ask]) == [Ask(name="Ada Lovelace")]


async def test_an_old_key_still_reads_after_a_rotation() -> None:
    written = await data_converter(OLD).encode(["before"])
    assert await data_converter({**NEW, **OLD}).decode(written) == ["before"]
    (rewritten,) = await data_converter({**NEW, **OLD}).encode(["after"])
    assert rewritten.metadata["encryption-key-id"] == b"new"


async def test_a_dropped_key_is_named() -> None:
    written = await data_converter(OLD).encode(["before"])
    with pytest.raises(UnreadablePayload, match=r'"old".*ENCRYPTION_KEY'):
        await data_converter(NEW).decode(written)


async def test_a_key_changed_under_its_id_is_noticed() -> None:
    written = await data_converter(OLD).encode(["before"])
    with pytest.raises(UnreadablePayload, match="changed"):
        await data_converter({"old": secrets.token_bytes(32)}).decode(written)


async def test_payloads_from_before_the_key_pass_through() -> None:
    written = await data_converter({}).encode(["clear"])
    assert await data_converter(NEW).decode(written) == ["clear"]


def test_no_key_is_no_codec() -> None:
    with pytest.raises(ValueError, match="without a key"):
        EncryptingCodec({})
    assert data_converter({}).payload_codec is None


async def test_history_and_failure_texts_hide_what_was_said(temporal_address: str) -> None:
    client = await connect(_with_key(temporal_address))
    queue = f"codec-{uuid.uuid4()}"
    worker = Worker(
        client, task_queue=queue, workflows=[Echo], workflow_runner=UnsandboxedWorkflowRunner()
    )
    async with worker:
        handle = await client.start_workflow(Echo.run, Ask(name="Ada"), id=queue, task_queue=queue)
        assert await handle.result() == Ask(name="Ada")
        failing = await client.start_workflow(
            Echo.run, Ask(name="fail"), id=f"{queue}-2", task_queue=queue
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await failing.result()
    assert "Ada" in str(failed.value.cause)
    plain = await Client.connect(temporal_address)
    for one in (handle, failing):
        history = await plain.get_workflow_handle(one.id).fetch_history()
        assert b"Ada" not in b"".join(event.SerializeToString() for event in history.events)


async def test_search_attributes_are_registered_once(temporal_address: str) -> None:
    client = await connect(_with_key(temporal_address))
    await register_search_attributes(client)
    await register_search_attributes(client)
    queue = f"attributes-{uuid.uuid4()}"
    found = await client.count_workflows(f'{next(iter(SEARCH_ATTRIBUTES))} = "{queue}"')
    assert found.count == 0


def _with_key(address: str) -> settings.Settings:
    loaded = settings.load()
    key = SecretStr("k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    return dataclasses.replace(
        loaded,
        temporal=loaded.temporal.model_copy(update={"address": address}),
        security=loaded.security.model_copy(update={"encryption_keys": key}),
    )
