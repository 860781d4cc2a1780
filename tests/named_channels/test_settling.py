"""What became of a message is asked of the channel it was handed to, and of no other."""

from __future__ import annotations

from datetime import timedelta

from crm_store.session import Store
from engine.channels.base import Known
from engine.services import channels as service
from engine.services.actor import SYSTEM
from tests.channels.scripted_http import CUT, scripted_web
from tests.messages.people import NOW
from tests.named_channels.test_named_channels import House as OneWorker
from tests.named_channels.test_named_channels import Remembering


class Answering(Remembering):
    """Knows its own messages, and says that it was never given any other."""

    async def ask(self, provider_key: str) -> Known:
        known = any(one.provider_key == provider_key for one in self.sent)
        return Known.SENT if known else Known.ABSENT


class House(OneWorker):
    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.default = self.channels.default = Answering()

    async def close(self) -> None:
        await self.channels.close()
        await self.outgoing.close()


async def test_after_a_crash_a_new_process_asks_the_named_channel(store: Store) -> None:
    """The gateway took the letter and the process died; the gateway cannot tell."""
    async with scripted_web([CUT]) as web:
        died, new = House(store, web), House(store, web)
        await died.gateway(writes_to="email")
        await died.asks(channel="gateway")
        await died.perform()
        assert [one.state for one in await died.messages()] == ["handing_over"]
        new.now = NOW + timedelta(hours=1)
        await new.parts.performer(0).settle_left_behind(0, 10)
        await new.perform()
        assert [one.state for one in await new.messages()] == ["maybe_sent"]
        assert len(web.asked) == 1
        assert new.default.sent == []
        await died.close()
        await new.close()


async def test_of_a_channel_that_is_gone_nobody_can_tell(store: Store) -> None:
    async with scripted_web([CUT]) as web:
        house = House(store, web)
        await house.gateway(writes_to="email")
        await house.asks(channel="gateway")
        await house.perform()
        async with store.transaction() as session:
            await service.remove_channel(session, SYSTEM, "gateway")
        house.now = NOW + timedelta(hours=1)
        await house.parts.performer(0).settle_left_behind(0, 10)
        assert [one.state for one in await house.messages()] == ["maybe_sent"]
        await house.close()


async def test_what_an_earlier_default_sent_is_not_asked_of_todays(store: Store) -> None:
    async with scripted_web([CUT]) as web:
        house = House(store, web)
        assert await house.channels.ask_of("null", "0" * 32) is Known.ABSENT
        assert await house.channels.ask_of("smtp", "0" * 32) is Known.CANNOT_TELL
        await house.close()
