"""People whose roles were made here decide like everybody else."""

from __future__ import annotations

import re

import httpx2

from crm_store.session import Store
from engine.api.app import create_app
from engine.settings import load
from tests.api.conftest import Parts
from tests.approvals.conftest import put_in_force
from tests.approvals.test_requests import ONE, ask, opened
from tests.clock import Clock
from tests.driving.house import House
from tests.roles.test_acting import give_role

DECIDES = ["read:approval:all", "edit:approval:all"]


async def test_somebody_with_a_made_role_decides_by_the_link_in_their_mail_when_it_lets_them(
    house: House, store: Store
) -> None:
    await put_in_force(house, ONE)
    await opened(house, ask(house, "small", facts={"note": "planted"}))
    await house.go_on()
    [link] = re.findall(r"/a/[\w.\-]+", house.world.channel.delivered[-1].text)
    parts = Parts(load(), store, Clock(house.world.now).now)
    parts.unsubscribe_links = house.world.parts.sender.links
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)

    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        await give_role(store, "Looks", ["read:contact:all"], "eve@example.com")
        hidden = await client.get(link)
        refused = await client.post(link, data={"verb": "approve"})
        still_open = await house.requests()
        await give_role(store, "Signs", DECIDES, "eve@example.com")
        shown = await client.get(link)
        done = await client.post(link, data={"verb": "approve"})

    assert "planted" not in hidden.text
    assert 400 <= refused.status_code < 500
    assert [one.status for one in still_open] == ["open"]
    assert "planted" in shown.text
    assert done.status_code == 200
    assert await house.requests() == []
