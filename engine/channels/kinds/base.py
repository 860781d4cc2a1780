"""What a kind of channel declares once: its fields are the form, the settings and the check.

Secret parts are the fields of type `SecretStr`; they are sealed before they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, get_args

import orjson
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from engine.channels.base import Channel
from engine.channels.dkim import Signers
from engine.errors import Problem, Refused
from engine.outgoing import Outgoing
from engine.steps.words import Words

Medium = Literal["email", "sms", "chat", "webhook"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What channels are built with. `per_second` is the pace of this process; `domain` ends our
    Message-IDs; `signers` sign letters sent by SMTP. `by_provider`: whether the provider shall
    look at opens, and at clicks; not both we and it."""

    name: str
    outgoing: Outgoing
    domain: str
    per_second: float | None = None
    signers: Signers = field(default_factory=Signers)
    by_provider: tuple[bool, bool] = (False, False)


class ChannelKind(BaseModel):
    """The settings of one channel. `medium` is the kind of address it writes to; a channel with a
    `room` writes there, whoever the message is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    label: ClassVar[Words]
    usual_medium: ClassVar[Medium] = "email"

    @property
    def medium(self) -> Medium:
        return self.usual_medium

    @property
    def room(self) -> str | None:
        return None

    @property
    def address_field(self) -> str | None:
        """The custom field of the contact that holds the address, where it is no usual one."""
        return None

    def build(self, tools: Tools) -> Channel:
        """Raises ValueError when the settings make no channel."""
        raise NotImplementedError

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """Fields that are never shown, in the order in which they are asked for."""
        return tuple(name for name, one in cls.model_fields.items() if _is_secret(one.annotation))

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Raises Refused with every problem at once; no message holds a value."""
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            found = [
                Problem("/" + "/".join(map(str, one["loc"])), one["type"], one["msg"])
                for one in error.errors(include_input=False, include_url=False)
            ]
            raise Refused(f'These are no settings of a "{cls.kind}" channel.', found) from None

    def shown(self) -> dict[str, Any]:
        """What may be stored in the open."""
        return self.model_dump(mode="json", exclude=set(self.secret_names()), exclude_none=True)

    def hidden(self) -> str | None:
        """The secret parts as one text to be sealed; None when there are none."""
        parts = {
            name: value.get_secret_value()
            for name in self.secret_names()
            if (value := getattr(self, name)) is not None
        }
        return orjson.dumps(parts).decode() if parts else None

    @classmethod
    def stored(cls, shown: Mapping[str, Any], hidden: str | None) -> Self:
        """The opposite of `shown` and `hidden`."""
        return cls.read({**shown, **(orjson.loads(hidden) if hidden else {})})


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in get_args(annotation)
