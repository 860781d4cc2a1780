"""SendGrid's Web API v3: the payload by its own package, the transport ours.

The package's client is synchronous and opens a connection for each mail, so only its model of a
mail is used. It tells of opens and clicks, by its event webhook; links in plain text stay as they
are, and its subscription footer is off, because unsubscribing is ours.

Answers (docs: "Mail Send", "Errors", "Rate limits" of SendGrid's API reference): 202 is taken. 400
and 413 are about this mail and are refused. 401, 403 and 404 are about the account; every mail
would fail alike, so they wait until somebody has mended it. 429 waits as long as it says, 503 for
as long as it likes. Any other 5xx may come from a gateway behind which the mail was taken: unclear.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sendgrid.helpers.mail import (
    Attachment,
    Category,
    ClickTracking,
    Content,
    ContentId,
    CustomArg,
    Disposition,
    Email,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    MailSettings,
    OpenTracking,
    Personalization,
    ReplyTo,
    SandBoxMode,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from engine.channels.address import is_address, on_the_wire
from engine.channels.base import Attachment as FileOfMessage
from engine.channels.base import Known, OutgoingMessage, Refused, Unclear, Unreachable
from engine.channels.mime_parts import checked_id, checked_type, safe_name
from engine.channels.pace import Pace
from engine.outgoing import Answered, Call, NoAnswer, NotAllowed, NotSent, Outgoing

API: Final = "https://api.sendgrid.com"
# The custom argument that comes back with every event of a mail.
OUR_ID: Final = "cadenza_message"
# Waiting for our account to be put right; each try costs a request for nothing.
ACCOUNT_TROUBLE: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=1)
TIMEOUT: Final = timedelta(seconds=20)
# Bounds how many mails may be unclear after a crash.
GROUP: Final = 32
# Longer than anybody waits for the own pace of a group.
_TURN_WITHIN_SECONDS: Final = 10.0
# SendGrid's limit for one category, and how many a mail may have.
_LONGEST_CATEGORY: Final = 255
_MOST_CATEGORIES: Final = 10
# A link of ours with its token, and those whose address is a secret of its reader. The attribute
# has to stand before the address.
_UNTRACKED: Final = re.compile(
    r"""<a(?=\s(?:[^<>]{0,2000}\s)?(?:data-no-track\b|href=["']?https?://[^"'\s<>?#]{1,255}"""
    r"""/[a-z]/[0-9a-f]{8}\.[A-Za-z0-9_-]))""",
    re.IGNORECASE,
)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class SendGridAccount:
    """`sandbox`: the API checks a mail and delivers nothing. `api` is another address for tests
    and for the EU (https://api.eu.sendgrid.com). `opens` and `clicks`: what SendGrid shall look at;
    not both we and it."""

    key: str
    sandbox: bool = False
    api: str = API
    opens: bool = True
    clicks: bool = True

    def __repr__(self) -> str:
        return f"SendGridAccount({self.api})"


def payload(
    message: OutgoingMessage, *, sandbox: bool = False, opens: bool = True, clicks: bool = True
) -> dict[str, Any]:
    """The JSON of one mail to one person. Raises Refused for an address that cannot be written."""
    mail = Mail()
    mail.from_email = Email(message.sender.address, _plain(message.sender.name))
    if message.sender.reply_to:
        mail.reply_to = ReplyTo(message.sender.reply_to)
    mail.subject = _plain(message.subject)
    mail.add_personalization(_one_person(message))
    mail.add_content(Content("text/plain", message.text))
    if message.html is not None:
        html = _UNTRACKED.sub("<a clicktracking=off", message.html) if clicks else message.html
        mail.add_content(Content("text/html", html))
    for one in message.attachments:
        mail.add_attachment(_attached(one, shown=message.html is not None))
    for category in message.categories[:_MOST_CATEGORIES]:
        mail.add_category(Category(category[:_LONGEST_CATEGORY]))
    mail.tracking_settings = _tracked(opens, clicks)
    if sandbox:
        mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(enable=True))
    found: dict[str, Any] = mail.get()
    return found


def _one_person(message: OutgoingMessage) -> Personalization:
    person = Personalization()
    person.add_to(To(_address(message.to)))
    for name, value in message.headers.items():
        person.add_header(Header(name, value))
    person.add_custom_arg(CustomArg(OUR_ID, message.provider_key))
    return person


def _attached(one: FileOfMessage, *, shown: bool) -> Attachment:
    """A picture of the letter goes "inline" with its content id, any other file as an attachment.

    Raises Refused."""
    name, kind = FileName(safe_name(one.name)), FileType(checked_type(one))
    content = FileContent(b64encode(one.content).decode())
    if one.content_id is None or not shown:
        return Attachment(content, name, kind, Disposition("attachment"))
    return Attachment(content, name, kind, Disposition("inline"), ContentId(checked_id(one)))


def _address(address: str) -> str:
    try:
        if is_address(address):
            return on_the_wire(address)
    except ValueError:
        pass
    raise Refused("bad_address", "The address cannot be written in a mail.")


def _tracked(opens: bool, clicks: bool) -> TrackingSettings:
    settings = TrackingSettings()
    settings.click_tracking = ClickTracking(enable=clicks, enable_text=False)
    settings.open_tracking = OpenTracking(enable=opens)
    settings.subscription_tracking = SubscriptionTracking(enable=False)
    return settings


def _plain(text: str | None) -> str | None:
    return None if text is None else _CONTROLS.sub(" ", text).strip()


class SendGridChannel:
    """One request a mail over the pooled outgoing client, which the caller closes."""

    name = "sendgrid"
    group_size = GROUP

    def __init__(
        self, account: SendGridAccount, outgoing: Outgoing, *, per_second: float | None = None
    ) -> None:
        self._account = account
        self._outgoing = outgoing
        self._pace = Pace(per_second)

    async def send(self, message: OutgoingMessage) -> None:
        """Return when SendGrid has taken it (202), in sandbox mode when it found it good (200)."""
        account = self._account
        wanted = payload(
            message, sandbox=account.sandbox, opens=account.opens, clicks=account.clicks
        )
        body = orjson.dumps(wanted)
        by = asyncio.get_running_loop().time() + _TURN_WITHIN_SECONDS
        if not await self._pace.turn(by):
            raise Unreachable("busy", "The pace that is set lets no more messages through now.")
        await message.begins()
        _sort(await self._post(body), datetime.now(UTC))

    async def ask(self, provider_key: str) -> Known:
        """SendGrid tells by events what became of a mail, never when asked."""
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """The connections belong to the outgoing client."""

    async def _post(self, body: bytes) -> Answered:
        call = Call(
            "POST",
            f"{self._account.api}/v3/mail/send",
            {
                "Authorization": f"Bearer {self._account.key}",
                "Content-Type": "application/json",
            },
            body,
            TIMEOUT,
        )
        try:
            return await self._outgoing.send(call)
        except (NotSent, NotAllowed) as error:
            raise Unreachable(error.code, error.reason) from error
        except NoAnswer as error:
            raise Unclear(error.code, error.reason) from error


def _sort(answer: Answered, now: datetime) -> None:
    """Return when it was accepted; raises for everything else."""
    status = answer.status
    if status in (200, 202):
        return
    if status in (401, 403, 404):
        raise Unreachable(
            f"http_{status}",
            f"SendGrid does not let this account send: {_said(answer)}",
            ACCOUNT_TROUBLE,
        )
    if status == 429:
        raise Unreachable("rate_limited", "SendGrid asks for a slower pace.", _wait(answer, now))
    if status == 503:
        raise Unreachable("http_503", "SendGrid takes no mail just now.", _wait(answer, now))
    if 400 <= status < 500:
        raise Refused(f"http_{status}", f"SendGrid refuses this mail: {_said(answer)}")
    raise Unclear(f"http_{status}", "SendGrid had a fault of its own; the mail may have gone.")


def _wait(answer: Answered, now: datetime) -> timedelta | None:
    """As long as the answer says: `retry-after` in seconds, else `x-ratelimit-reset`, an instant in
    seconds since 1970."""
    after = _number(answer.headers.get("retry-after"))
    reset = _number(answer.headers.get("x-ratelimit-reset"))
    if after is None and reset is not None:
        after = int(reset - now.timestamp()) + 1
    if after is None or after < 0:
        return None
    return min(timedelta(seconds=after), LONGEST_WAIT)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,12}", text, re.ASCII) else None


def _said(answer: Answered) -> str:
    """SendGrid's own words without addresses: which field it is about, and its help page."""
    try:
        errors = orjson.loads(answer.body)["errors"]
        fields = [str(one.get("field") or one.get("error_id") or "?")[:60] for one in errors[:3]]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "it does not say why."
    return f"{', '.join(fields)}."
