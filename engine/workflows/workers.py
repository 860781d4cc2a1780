"""Who works for Temporal just now."""

from __future__ import annotations

from datetime import UTC, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from engine.services.vitals import Worker

PATIENCE = timedelta(seconds=3)


async def workers_of(client: Client, task_queue: str) -> tuple[Worker, ...] | None:
    """Those who asked for work in the last minutes, by name; None when Temporal does not say."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    except RPCError:
        return None
    found = {
        one.identity: Worker(one.identity, one.last_access_time.ToDatetime(tzinfo=UTC))
        for one in answer.pollers
    }
    return tuple(found[name] for name in sorted(found))
