"""Rooms, messengers and SMS as kinds of channels: typed parts instead of an address to be typed.

The forms of the secret parts are those that each provider gives out; what does not fit cannot
become part of another address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr, StringConstraints, field_validator

from engine.channels.base import Channel
from engine.channels.chat import PROVIDERS, ChatChannel
from engine.channels.chat.providers import TEAMS_HOSTS
from engine.channels.kinds.base import ChannelKind, Medium, Tools
from engine.steps.words import Words

_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


def _fits(secret: SecretStr | None, allowed: str, longest: int = 300) -> SecretStr | None:
    text = "" if secret is None else secret.get_secret_value()
    strange = set(text) - set(allowed) - set(_LETTERS)
    if secret is not None and (not text or len(text) > longest or strange):
        raise ValueError("is not what the provider gives out; copy it again")
    return secret


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Room(ChannelKind):
    """A bot of one room: all its messages go there."""

    usual_medium: ClassVar[Medium] = "chat"

    @property
    def room(self) -> str | None:
        return self.kind

    def arguments(self) -> Mapping[str, Any]:
        """For the library's class; the secret ones are open here."""
        raise NotImplementedError

    def build(self, tools: Tools) -> Channel:
        return ChatChannel(
            tools.name,
            PROVIDERS[self.kind],
            self.arguments(),
            tools.outgoing,
            per_second=tools.per_second,
        )


class Slack(Room):
    """`hook` is what follows https://hooks.slack.com/services/ : three parts."""

    kind: ClassVar[str] = "slack"
    label: ClassVar[Words] = Words("Slack room", "Slack 频道")

    hook: SecretStr

    @field_validator("hook")
    @classmethod
    def _three(cls, hook: SecretStr) -> SecretStr:
        _fits(hook, "/")
        if len(list(filter(None, hook.get_secret_value().split("/")))) != 3:
            raise ValueError("must be the three parts after /services/, such as T0/B0/abc")
        return hook

    def arguments(self) -> Mapping[str, Any]:
        one, two, three = self.hook.get_secret_value().strip("/").split("/")
        # its own time and icon would be added otherwise
        more = {"include_image": False, "include_footer": False, "include_timestamp": False}
        return {"token_a": one, "token_b": two, "token_c": three, **more}


class Teams(Room):
    """A workflow of Power Automate that posts what a webhook brings."""

    kind: ClassVar[str] = "teams"
    label: ClassVar[Words] = Words("Microsoft Teams room", "Microsoft Teams 频道")

    host: str = Field(max_length=200, pattern=r"^[a-z0-9][a-z0-9.-]*$")
    workflow: _Word
    signature: SecretStr
    power_automate: bool = False

    @field_validator("host")
    @classmethod
    def _of_microsoft(cls, host: str) -> str:
        if not host.endswith(TEAMS_HOSTS):
            raise ValueError(f"must end in {' or '.join(TEAMS_HOSTS)}")
        return host

    @field_validator("signature")
    @classmethod
    def _plain(cls, signature: SecretStr) -> SecretStr | None:
        return _fits(signature, "-_")

    def arguments(self) -> Mapping[str, Any]:
        return {
            "host": self.host,
            "workflow": self.workflow,
            "signature": self.signature.get_secret_value(),
            "power_automate": self.power_automate,
            "include_image": False,
        }


class WeCom(Room):
    kind: ClassVar[str] = "wecom"
    label: ClassVar[Words] = Words("WeCom group", "企业微信群")

    key: SecretStr

    @field_validator("key")
    @classmethod
    def _plain(cls, key: SecretStr) -> SecretStr | None:
        return _fits(key, "-_")

    def arguments(self) -> Mapping[str, Any]:
        return {"key": self.key.get_secret_value()}


class Feishu(Room):
    kind: ClassVar[str] = "feishu"
    label: ClassVar[Words] = Words("Feishu group", "飞书群")

    token: SecretStr

    @field_validator("token")
    @classmethod
    def _plain(cls, token: SecretStr) -> SecretStr | None:
        return _fits(token, "-_")

    def arguments(self) -> Mapping[str, Any]:
        return {"token": self.token.get_secret_value()}


class DingTalk(Room):
    """`sign_secret` is the one of the robot's "signature" setting, where that is on."""

    kind: ClassVar[str] = "dingtalk"
    label: ClassVar[Words] = Words("DingTalk group", "钉钉群")

    token: SecretStr
    sign_secret: SecretStr | None = None

    @field_validator("token", "sign_secret")
    @classmethod
    def _plain(cls, token: SecretStr | None) -> SecretStr | None:
        return _fits(token, "")

    def arguments(self) -> Mapping[str, Any]:
        sign = self.sign_secret.get_secret_value() if self.sign_secret else None
        return {"token": self.token.get_secret_value(), "secret": sign}


class Telegram(Room):
    """To one chat (`chat_id`), or to each contact's own, which `field` of theirs holds."""

    kind: ClassVar[str] = "telegram"
    label: ClassVar[Words] = Words("Telegram", "Telegram")

    bot_token: SecretStr
    chat_id: str | None = Field(None, pattern=r"^-?[0-9]{1,32}$")
    field: str | None = Field("telegram_chat_id", pattern=r"^[a-z][a-z0-9_]{0,62}$")

    @field_validator("bot_token")
    @classmethod
    def _plain(cls, token: SecretStr) -> SecretStr | None:
        return _fits(token, ":-_")

    @property
    def room(self) -> str | None:
        return self.chat_id

    @property
    def address_field(self) -> str | None:
        return self.field

    def arguments(self) -> Mapping[str, Any]:
        token = self.bot_token.get_secret_value()
        return {"bot_token": token, "detect_owner": False, "include_image": False, "preview": True}


class Twilio(Room):
    """SMS to the contact's telephone number."""

    kind: ClassVar[str] = "twilio"
    label: ClassVar[Words] = Words("SMS (Twilio)", "短信（Twilio）")
    usual_medium: ClassVar[Medium] = "sms"

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    from_number: str = Field(pattern=r"^\+[0-9]{6,15}$")

    @field_validator("auth_token")
    @classmethod
    def _plain(cls, token: SecretStr) -> SecretStr | None:
        return _fits(token, "")

    @property
    def room(self) -> str | None:
        return None

    def arguments(self) -> Mapping[str, Any]:
        return {
            "account_sid": self.account_sid,
            "auth_token": self.auth_token.get_secret_value(),
            "source": self.from_number,
        }
