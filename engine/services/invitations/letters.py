"""Mailing a link by the product's own channel. Nothing of the letter is kept in the database."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from engine.channels.base import Channel, ChannelError, OutgoingMessage, Sender
from engine.services.invitations.links import Link

# What goes nowhere is no way to tell somebody something.
_NOWHERE: Final = frozenset({"null"})
_INVITED: Final = """\
Hello {name},

you were invited to Cadenza. Choose a password here, within seven days:

{url}

The link works once. If you did not expect it, let it be: without you nothing happens.
"""
_ASKED: Final = """\
Hello {name},

somebody asked for a new password for your account. Choose one here:

{url}

The link works once and not for long. If it was not you, let it be: your password stays as it is.
"""
_INVITED_ZH: Final = """\
{name}，您好：

您已受邀使用 Cadenza。请在七天内通过此链接设置密码：

{url}

链接只能使用一次。如果您并未预期收到此邀请，请忽略本邮件。
"""
_ASKED_ZH: Final = """\
{name}，您好：

有人为您的账户申请了新密码。请在此设置：

{url}

链接只能使用一次，且很快失效。如果不是您本人操作，请忽略本邮件，密码不会改变。
"""
_WORDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "en": {
        "invitation": ("Your invitation to Cadenza", _INVITED),
        "reset": ("A new password for Cadenza", _ASKED),
    },
    "zh": {
        "invitation": ("Cadenza 邀请", _INVITED_ZH),
        "reset": ("Cadenza 新密码", _ASKED_ZH),
    },
}


def can_mail(channel: Channel) -> bool:
    return channel.name not in _NOWHERE


async def mail_link(channel: Channel, sender: Sender, public_url: str, link: Link) -> bool:
    """Whether it was handed over. What failed is tried no more: whoever asked asks again."""
    if not link.address or not can_mail(channel):
        return False
    words = _WORDS["zh" if link.language.startswith("zh") else "en"]
    subject, text = words[link.purpose]
    mail = OutgoingMessage(
        provider_key=f"link-{secrets.token_hex(12)}",
        sender=sender,
        to=link.address,
        subject=subject,
        text=text.format(name=link.name, url=f"{public_url}{link.path}"),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        await channel.send(mail)
    except ChannelError:
        return False
    return True
