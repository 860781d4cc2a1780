"""Every channel of a process: the default one, and those that people added by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channels as rows
from crm_store.models import Channel as ChannelRow
from crm_store.models import SenderIdentity
from engine.channels.base import Channel, Known, OutgoingMessage, Sender, Unreachable
from engine.channels.dkim import Signers
from engine.channels.kinds import KINDS, ChannelKind, Tools
from engine.errors import Refused
from engine.outgoing import Outgoing
from engine.services.channels.allowance import WarmUp
from engine.services.channels.ways import DEFAULT, Identity, Limits, Way
from engine.services.secrets import SecretBox, Unreadable


class Channels:
    """Itself a channel: a message's `channel` says by which one it goes. What people change is seen
    by the next `refresh`, which costs one small statement while nothing changed."""

    def __init__(
        self,
        default: Channel,
        outgoing: Outgoing,
        secrets: SecretBox,
        *,
        domain: str = "localhost",
        signers: Signers | None = None,
        by_provider: tuple[bool, bool] = (False, False),
    ) -> None:
        self.default = default
        self._outgoing = outgoing
        self._secrets = secrets
        self._domain = domain
        self._signers = signers or Signers()
        self._by_provider = by_provider
        self._state: rows.State | None = None
        self._ways: dict[str, Way] = {}
        self._kinds: dict[str, tuple[int, ChannelKind]] = {}
        self._built: dict[str, tuple[int, Channel]] = {}
        self._identities: dict[str, Identity] = {}

    @classmethod
    def of(cls, channel: Channel, outgoing: Outgoing, secrets: SecretBox) -> Channels:
        """The channel itself when it is one already, else one that has it as the default."""
        return channel if isinstance(channel, cls) else cls(channel, outgoing, secrets)

    @property
    def name(self) -> str:
        return self.default.name

    @property
    def group_size(self) -> int:
        return self.default.group_size

    async def refresh(self, session: AsyncSession) -> None:
        state = await rows.state_of_channels(session)
        if state == self._state:
            return
        ways, kinds = {}, {}
        for row in await rows.channels(session):
            ways[row.name], kind = self._read(row)
            if kind is not None:
                kinds[row.name] = (row.revision, kind)
        self._identities = {row.slug: _identity(row) for row in await rows.identities(session)}
        self._ways, self._kinds, self._state = ways, kinds, state
        for name in [name for name in self._built if name not in kinds]:
            await self._built.pop(name)[1].close()

    def way(self, name: str | None) -> Way | None:
        """How messages of this channel travel; None when there is no such channel."""
        if name is None or name == DEFAULT:
            return self._ways.get(DEFAULT) or Way(None, self.default.name)
        return self._ways.get(name)

    def names(self) -> list[str]:
        """Of the channels that people added."""
        return [name for name in self._ways if name != DEFAULT]

    def identity(self, slug: str) -> Identity | None:
        return self._identities.get(slug)

    def identities(self) -> Mapping[str, Identity]:
        return self._identities

    async def send(self, message: OutgoingMessage) -> None:
        await (await self._named(message.channel)).send(message)

    async def ask(self, provider_key: str) -> Known:
        return await self.default.ask(provider_key)

    async def ask_of(self, stored: str, provider_key: str) -> Known:
        """What became of a message, asked of the channel whose name was stored with it, after a
        `refresh`. Of a channel that is gone or cannot be made, and of one that was the default of
        other settings, nobody can tell: another channel's "never heard of it" is no answer."""
        if stored == self.default.name:
            return await self.default.ask(provider_key)
        if stored not in self._kinds:
            return Known.CANNOT_TELL
        return await (await self._named(stored)).ask(provider_key)

    async def close(self) -> None:
        built, self._built = self._built, {}
        for _, channel in built.values():
            await channel.close()
        await self.default.close()

    async def _named(self, name: str | None) -> Channel:
        """Raises Unreachable when it is gone or cannot be made."""
        if name is None:
            return self.default
        wanted = self._kinds.get(name)
        if wanted is None:
            raise Unreachable("unknown_channel", "There is no such channel any more.")
        revision, kind = wanted
        known = self._built.get(name)
        if known is not None and known[0] == revision:
            return known[1]
        limits = self._ways[name].limits
        tools = Tools(
            name,
            self._outgoing,
            self._domain,
            limits.per_second,
            self._signers,
            self._by_provider,
        )
        made = kind.build(tools)
        self._built[name] = (revision, made)
        if known is not None:
            await known[1].close()
        return made

    def _read(self, row: ChannelRow) -> tuple[Way, ChannelKind | None]:
        limits = Limits(row.per_second, row.domain_rates, warm_up_of(row.warm_up))
        if row.name == DEFAULT:
            named = Way(None, self.default.name, identity=row.identity, limits=limits)
            return replace(named, paused=not row.enabled), None
        way = Way(row.name, row.name, identity=row.identity, paused=not row.enabled, limits=limits)
        kind = KINDS.get(row.kind)
        if kind is None:
            return replace(
                way, trouble=f'This release knows no channels of kind "{row.kind}".'
            ), None
        try:
            hidden = row.secret and self._secrets.open(row.secret, secret_purpose(row.name))
            settings = kind.stored(row.settings, hidden)
        except (Unreadable, Refused) as error:
            return replace(way, trouble=str(error)), None
        read = replace(
            way,
            medium=settings.medium,
            room=settings.room,
            address_field=settings.address_field,
        )
        return read, settings


def secret_purpose(name: str) -> str:
    return f"channel:{name}"


def warm_up_of(stored: Mapping[str, Any] | None) -> WarmUp | None:
    if stored is None:
        return None
    return WarmUp(date.fromisoformat(stored["from"]), tuple(stored["plan"]))


def _identity(row: SenderIdentity) -> Identity:
    sender = Sender(row.address, row.name, row.reply_to)
    return Identity(row.slug, sender, row.domain, warm_up_of(row.warm_up))
