"""What people are called and reached by stands in the database alone: not in Temporal, logs or
metrics, however wrong things go."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2
import pytest

from crm_store.base import folded
from crm_store.session import Store
from engine.api.app import create_app
from engine.channels.base import OutgoingMessage, Refused, Unclear
from engine.logging_setup import set_up
from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key
from engine.settings import load
from tests.api.conftest import Parts
from tests.driving.test_driving import WELCOME
from tests.workflows.working import Working, eventually, working

# None of it is a word of ours.
PLANTED = {
    "first_name": "Zephyrinaq",
    "last_name": "Quillfeatherstone",
    "email": "zephyrinaq.quill@planted.example",
    "phone": "+6598127634",
    "city": "Plantedtownberg",
}
SAID = "Plantedproperty of a secret kind"


@dataclass
class Faulty:
    """A channel that says whom it failed to reach, as careless providers and libraries do."""

    tries: int = 0
    name: str = "email"
    group_size: int = 3
    delivered: list[OutgoingMessage] = field(default_factory=list)

    async def send(self, message: OutgoingMessage) -> None:
        self.tries += 1
        match self.tries % 4:
            case 1:
                raise ValueError(f"cannot encode {message.to}: {message.text[:200]}")
            case 2:
                raise Unclear("connection_lost", "gone before the answer")
            case 3:
                raise Refused("rejected", "550 no such user")
        self.delivered.append(message)

    async def close(self) -> None:
        """Nothing is open."""


def traces(said: bytes | str) -> list[str]:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    lowered = text.lower()
    planted = [*PLANTED.values(), SAID, folded(PLANTED["email"]), PLANTED["phone"][1:]]
    return [one for one in planted if one.lower() in lowered]


async def scenario(at_work: Working, store: Store) -> str:
    """Somebody with planted values goes through flows that end well and badly; /metrics after."""
    world = at_work.world
    people = await world.people(4)
    sets = ", ".join(f"{name} = :{name}" for name in PLANTED)
    for number, contact in enumerate(people):
        values = PLANTED | {"email": f"{number}{PLANTED['email']}"}
        values["email_key"] = values["email"]
        await world.rows(
            f"UPDATE contact SET {sets}, email_key = :email_key WHERE id = :id RETURNING 1",
            id=contact,
            **values,
        )
    await world.publish(WELCOME)
    for contact in people:
        await world.event(contact, "Signed Up", said=SAID, email=PLANTED["email"])
    at_work.poke_dispatch()

    async def tried() -> bool:
        found = await world.rows("SELECT count(*) FROM effect WHERE state <> 'pending'")
        return bool(found[0][0] >= 3)

    await eventually(tried, "messages were tried")
    async with store.transaction() as session:
        made = await create_write_key(session, SYSTEM, "website")
    parts = Parts(load(), store, lambda: world.now)
    app = create_app(parts)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as api:
        auth = (made.key, "")
        body = {"userId": "planted-user", "traits": PLANTED}
        assert (await api.post("/v1/identify", json=body, auth=auth)).status_code == 200
        # wrong in several ways, with the values where they do not belong
        for wrong in (
            {"userId": PLANTED["email"], "event": {"said": SAID}},
            {"userId": "u", "event": "x", "timestamp": PLANTED["last_name"]},
            [PLANTED],
        ):
            await api.post("/v1/track", json=wrong, auth=auth)
        await api.post("/v1/track", content=SAID.encode(), auth=(PLANTED["last_name"], ""))
        return (await api.get("/metrics")).text


async def test_planted_values_are_found_in_the_database_alone(
    store: Store,
    temporal_address: str,
    capfd: pytest.CaptureFixture[str],
    logging_as_before: None,
) -> None:
    set_up(load().log)
    async with working(store, temporal_address) as at_work:
        channel = Faulty()
        # the deeds were given the channel when the world was made
        object.__setattr__(at_work.world.channel, "send", channel.send)
        metrics = await scenario(at_work, store)
        listed = [
            one
            async for one in at_work.client.list_workflows(
                f"TaskQueue = '{at_work.pokes.task_queue}'"
            )
        ]
        histories = []
        for one in listed:
            handle = at_work.client.get_workflow_handle(one.id, run_id=one.run_id)
            async for event in handle.fetch_history_events():
                histories.append(event.SerializeToString())
    assert channel.tries >= 3
    assert len(listed) > 2
    assert len(histories) > 20
    assert [found for event in histories if (found := traces(event))] == []
    shown = [f"{one.id} {one.typed_search_attributes} {one.raw_info}" for one in listed]
    assert traces(" ".join(shown)) == []
    assert traces(metrics) == []
    printed = capfd.readouterr()
    assert "could not be handed over" in printed.err
    assert traces(printed.out + printed.err) == []
    kept = await at_work.world.rows("SELECT last_name FROM contact LIMIT 1")
    assert traces(kept[0][0]) == [PLANTED["last_name"]]
