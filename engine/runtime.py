"""Everything a process works with, built once and handed to API, designer and worker."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path

from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.service import RPCError

from crm_store.migrate import current, head
from crm_store.session import Store
from engine.channels.base import Channel, Sender
from engine.channels.bounces import BounceAddresses
from engine.channels.dkim import Signers, read_signer
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.channels.sendgrid import SendGridAccount, SendGridChannel
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.errors import Conflict, Problem, SettingsRefused, Unavailable
from engine.outgoing import Outgoing
from engine.readiness import Readiness
from engine.services.bounces import BounceDesk
from engine.services.channels import Channels
from engine.services.doorbell import Doorbell
from engine.services.feedback import Consequences
from engine.services.links.tracking import left_to_provider, tracking_of
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.pokes import NoPokes, Pokes
from engine.services.secrets import SecretBox, box_of
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.vitals import Machine
from engine.services.work import Shared
from engine.settings import Settings
from engine.telemetry import statements, tracing
from engine.workflows.client import TASK_QUEUE, TemporalPokes
from engine.workflows.connect import READY_SECONDS, connect, register_search_attributes
from engine.workflows.workers import workers_of

LAST_POKES_SECONDS = 5


@dataclass(frozen=True)
class Runtime:
    """`mailbox` reads the local mailbox (None when mail really goes out); `temporal` is None for
    verbs that only need the database, and then `pokes` tells nobody."""

    settings: Settings
    store: Store
    temporal: Client | None
    pokes: Pokes
    doorbell: Doorbell
    channel: Channels
    outgoing: Outgoing
    secrets: SecretBox
    mailbox: Mailbox | None
    plans: Plans
    sender_settings: SenderSettings
    unsubscribe_links: UnsubscribeLinks
    public_url: str
    now: Callable[[], datetime]

    @cached_property
    def library(self) -> TemplateLibrary:
        """Read when first asked for: reading all templates takes longer than most verbs do."""
        return TemplateLibrary(templates_folder() / "messages")

    @cached_property
    def shared(self) -> Shared:
        """What transactions that move deals, approvals and the like have in common."""
        drivers, company = self.settings.drivers, self.settings.company
        return shared_of(
            self.plans,
            default_zone=company.default_zone,
            base_currency=company.base_currency,
            partitions=drivers.dispatch_partitions,
            advance_shards=drivers.advance_shards,
            perform_shards=drivers.perform_shards,
            links=self.unsubscribe_links.signed,
            library=lambda: self.library,
        )

    @property
    def bounce_desk(self) -> BounceDesk:
        """Where mail that came back is handed in."""
        settings = self.settings
        return BounceDesk(
            self.store,
            self.sender_settings.bounces,
            settings.drivers.dispatch_partitions,
            self.pokes.dispatch,
            Consequences.of(settings.reports),
        )

    @property
    def templates(self) -> TemplateLibrary:
        """What people call the library."""
        return self.library

    async def ready(self) -> dict[str, bool]:
        """Whether each part is well just now: database, schema, temporal, drivers, disk."""
        return await self.readiness.look()

    @cached_property
    def readiness(self) -> Readiness:
        return Readiness(self.store, self.temporal, self.settings.data.folder)

    async def machine(self) -> Machine:
        """What this process stands on, for the page about the system."""
        found = await asyncio.to_thread(_disk, self.settings.data.folder)
        channel = self.settings.delivery.channel
        missing = tuple(name for name, well in (await self.ready()).items() if not well)
        if self.temporal is None:
            return Machine(None, "", None, *found, channel, missing)
        answers = await self._temporal()
        workers = await workers_of(self.temporal, TASK_QUEUE) if answers else None
        return Machine(answers, self.temporal.namespace, workers, *found, channel, missing)

    async def _temporal(self) -> bool:
        if self.temporal is None:
            return False
        try:
            return await self.temporal.service_client.check_health(timeout=READY_SECONDS)
        except RPCError:
            return False


@asynccontextmanager
async def opened(settings: Settings, *, temporal: bool = True) -> AsyncIterator[Runtime]:
    """Connect everything and close it afterwards. Raises Unavailable or SettingsRefused."""
    url, secrets = _required(settings)
    async with AsyncExitStack() as stack:
        store = Store(url, pool_size=settings.database.pool_size)
        stack.push_async_callback(store.close)
        if tracing.are_on():
            statements.watch(store.engine.sync_engine)
        await asyncio.to_thread(require_schema, url)
        client = await connect(settings) if temporal else None
        pokes: Pokes = NoPokes()
        doorbell = Doorbell()
        if client is not None:
            await register_search_attributes(client)
            pokes = told = TemporalPokes(
                client, settings.drivers.idle_seconds, doorbell=doorbell, store=store
            )
            stack.push_async_callback(_settled, told)
        mailbox = reading_side(settings)
        calls = Outgoing(
            settings.outgoing.reachable(),
            connections=settings.outgoing.connections,
            max_answer_bytes=settings.outgoing.max_answer_bytes,
        )
        stack.push_async_callback(calls.close)
        box = box_of(settings.security.keys(), secrets)
        channel = Channels(
            outgoing(settings, mailbox, calls),
            calls,
            box,
            domain=mail_domain(settings),
            signers=signers(settings),
            by_provider=left_to_provider(settings.tracking),
        )
        stack.push_async_callback(channel.close)
        public_url = address_of(settings)
        links = UnsubscribeLinks(public_url, secrets)
        yield Runtime(
            settings=settings,
            store=store,
            temporal=client,
            pokes=pokes,
            doorbell=doorbell,
            channel=channel,
            outgoing=calls,
            secrets=box,
            mailbox=mailbox,
            plans=Plans(),
            sender_settings=sender_settings(settings, links, secrets[0]),
            unsubscribe_links=links,
            public_url=public_url,
            now=lambda: datetime.now(UTC),
        )


def require_schema(url: str) -> None:
    """Raises Unavailable when the database does not answer, Conflict when it is not migrated.

    A newer schema is fine: the release that is about to be replaced goes on working beside it.
    """
    try:
        at = current(url)
    except OperationalError as error:
        raise Unavailable(
            f"The database does not answer: {str(error.orig).strip()}. Check DATABASE_URL and that "
            "the server runs."
        ) from error
    if at is None or at < head():
        raise Conflict(
            f"The database's schema is {at or 'empty'} and this release needs {head()}. Run "
            "`cadenza migrate` first."
        )


def _disk(folder: Path) -> tuple[int | None, int | None]:
    """Free and whole bytes of the disk that the data folder is on."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None, None
    return usage.free, usage.total


async def _settled(pokes: TemporalPokes) -> None:
    """Let the last pokes out; one that does not get through costs a wait and nothing else."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_POKES_SECONDS):
            await pokes.settled()


def address_of(settings: Settings) -> str:
    """What outsiders type: PUBLIC_URL, else the address this machine listens on."""
    web = settings.web
    if web.public_url:
        return web.public_url
    host = "127.0.0.1" if web.host in ("", "0.0.0.0", "::") else web.host  # noqa: S104 - compared
    return f"http://{f'[{host}]' if ':' in host else host}:{web.port}"


def reading_side(settings: Settings) -> Mailbox | None:
    """The local mailbox, when that is where mail goes."""
    if settings.delivery.channel != "mailbox":
        return None
    return Mailbox(
        settings.data.folder / "mail",
        max_message_bytes=settings.mailbox.max_message_bytes,
        keep_free_bytes=settings.mailbox.keep_free_bytes,
    )


def outgoing(settings: Settings, mailbox: Mailbox | None, calls: Outgoing) -> Channel:
    """The channel that DELIVERY_CHANNEL names."""
    delivery = settings.delivery
    domain = mail_domain(settings)
    if mailbox is not None:
        server = SmtpServer(settings.mailbox.host, settings.mailbox.port, security="none")
        return LocalMailbox(SmtpChannel(server, message_id_domain=domain), mailbox)
    if delivery.channel == "sendgrid" and settings.sendgrid.key is not None:
        wanted = settings.sendgrid
        account = SendGridAccount(
            settings.sendgrid.key.get_secret_value(),
            wanted.sandbox,
            wanted.api,
            *left_to_provider(settings.tracking),
        )
        return SendGridChannel(account, calls, per_second=wanted.per_second)
    if delivery.channel == "null" or delivery.host is None:
        return NullChannel()
    return SmtpChannel(
        SmtpServer(
            delivery.host,
            delivery.port,
            security=delivery.security,
            username=delivery.username,
            password=delivery.password.get_secret_value() if delivery.password else None,
            connections=delivery.connections,
            timeout=timedelta(seconds=delivery.timeout_seconds),
            tls_context=None if delivery.verify else _trusting_anybody(),
        ),
        message_id_domain=domain,
        per_second=delivery.per_second,
        signers=signers(settings),
    )


def mail_domain(settings: Settings) -> str:
    """What our Message-IDs end in."""
    return parseaddr(settings.delivery.mail_from)[1].rpartition("@")[2]


def signers(settings: Settings) -> Signers:
    return Signers([read_signer(*one) for one in settings.dkim.domains()])


def _trusting_anybody() -> ssl.SSLContext:
    """For SMTP_VERIFY=false: still encrypted, but the server may be anybody."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def sender_settings(settings: Settings, links: UnsubscribeLinks, secret: str) -> SenderSettings:
    name, address = parseaddr(settings.delivery.mail_from)
    company = settings.company
    return SenderSettings(
        sender=Sender(address, name or None, settings.delivery.reply_to),
        links=links,
        key_secret=secret.encode(),
        website=company.website,
        postal_address=company.postal_address,
        default_language=company.default_language,
        default_zone=company.default_zone,
        tracking=tracking_of(settings.tracking),
        bounces=bounce_addresses(settings),
    )


def bounce_addresses(settings: Settings) -> BounceAddresses | None:
    """None where no address takes failures of single messages."""
    address, security = settings.reports.bounce_address, settings.security
    secrets = [s.get_secret_value() for s in (security.secret_key, security.old_secret_key) if s]
    return BounceAddresses(address, secrets) if address and secrets else None


def templates_folder() -> Path:
    """Beside the packages in a checkout; inside ours in an installed wheel."""
    checkout = Path(__file__).parents[1] / "templates"
    return checkout if checkout.is_dir() else Path(__file__).with_name("_templates")


def _required(settings: Settings) -> tuple[str, tuple[str, ...]]:
    """The database's address, and the secrets that sign links: the first signs, all verify."""
    url, security = settings.database.url, settings.security
    missing = [
        Problem(name, "missing", "is not set. Set it, or start everything with `cadenza up`.")
        for name, value in (("DATABASE_URL", url), ("SECRET_KEY", security.secret_key))
        if value is None
    ]
    if url is None or security.secret_key is None:
        raise SettingsRefused("Settings are missing; nothing was started.", missing)
    secrets = (security.secret_key, security.old_secret_key)
    return url.get_secret_value(), tuple(one.get_secret_value() for one in secrets if one)
