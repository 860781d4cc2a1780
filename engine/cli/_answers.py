"""What `cadenza doctor` asks of other programs: database, Temporal, mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from crm_store.migrate import current, head
from engine.cli._checks import Finding, note, ok, wrong
from engine.errors import Refused, Unavailable
from engine.runtime import templates_folder
from engine.services.templates import TemplateLibrary
from engine.settings import Delivery, Settings
from engine.workflows.client import TASK_QUEUE
from engine.workflows.connect import connect
from engine.workflows.workers import workers_of

OLDEST_POSTGRES = 16
PATIENCE_SECONDS = 5
# Beyond this, due times and signatures of other systems start to disagree.
LARGEST_SKEW = timedelta(seconds=2)


def database(url: str) -> Iterator[Finding]:
    """Reachable, new enough, migrated, and of one mind about the time."""
    engine = create_engine(
        url, poolclass=pool.NullPool, connect_args={"connect_timeout": PATIENCE_SECONDS}
    )
    try:
        with engine.connect() as connection:
            asked = datetime.now(UTC)
            now, version = connection.execute(
                text("SELECT clock_timestamp(), current_setting('server_version_num')::int")
            ).one()
            answered = datetime.now(UTC)
    except DBAPIError as error:
        yield wrong(
            f"PostgreSQL does not answer: {_first_line(error.orig)}. Check DATABASE_URL and that "
            "the server runs."
        )
        return
    finally:
        engine.dispose()
    major = version // 10_000
    if major < OLDEST_POSTGRES:
        yield wrong(f"PostgreSQL {major} is too old: {OLDEST_POSTGRES} or newer is needed.")
    else:
        yield ok(f"PostgreSQL {major} answers.")
    yield skew(now, asked, answered)
    yield schema(url)


def skew(theirs: datetime, asked: datetime, answered: datetime) -> Finding:
    """How far the other clock is from ours, given when we asked and were answered."""
    off = max(asked - theirs, theirs - answered, timedelta(0))
    if off > LARGEST_SKEW:
        return wrong(
            f"The clocks of this machine and of PostgreSQL differ by {off.total_seconds():.0f} "
            "seconds: set both by NTP."
        )
    return ok("The clocks agree.")


def schema(url: str) -> Finding:
    at, newest = current(url), head()
    if at is None:
        return wrong("The database is empty: run `cadenza migrate`.")
    if at != newest:
        return wrong(
            f"The schema is at {at} and this release needs {newest}: run `cadenza migrate`."
        )
    return ok(f"The schema is at {at}.")


async def temporal(settings: Settings) -> Finding:
    try:
        client = await connect(settings, patience_seconds=PATIENCE_SECONDS)
    except Unavailable as error:
        return wrong(str(error))
    where = f"Temporal answers at {settings.temporal.address}, namespace {client.namespace}"
    workers = await workers_of(client, TASK_QUEUE)
    if workers is not None and not workers:
        return note(f"{where}, but nobody works: start `cadenza worker`.")
    return ok(f"{where}.")


def templates() -> Finding:
    """The messages that come with the product, read as at a start."""
    try:
        names = TemplateLibrary(templates_folder() / "messages").names()
    except Refused as refused:
        return wrong(str(refused))
    return ok(f"{len(names)} message templates can be read.")


def mail_server(delivery: Delivery) -> Finding:
    """Reachable, encrypted and signed in to as the settings say. Nothing is sent."""
    if delivery.channel == "mailbox":
        return note("Mail stays in the mailbox here: set DELIVERY_CHANNEL=smtp to send it.")
    if delivery.channel == "sendgrid":
        return note("Mail is handed to SendGrid; SENDGRID_SANDBOX=true tries it without sending.")
    if delivery.channel == "null" or delivery.host is None:
        return note("Mail is dropped: set DELIVERY_CHANNEL=smtp to send it.")
    where = f"The mail server {delivery.host}:{delivery.port}"
    try:
        _sign_in(delivery)
    except smtplib.SMTPAuthenticationError:
        return wrong(f"{where} refuses SMTP_USERNAME and SMTP_PASSWORD. Correct them.")
    except ssl.SSLError as error:
        return wrong(f"{where} cannot be spoken to safely ({error.reason}). Check SMTP_SECURITY.")
    except (OSError, smtplib.SMTPException) as error:
        return wrong(
            f"{where} does not answer ({_first_line(error)}). Check SMTP_HOST, SMTP_PORT, "
            "SMTP_SECURITY and the firewall."
        )
    return ok(f"{where} answers.")


def _sign_in(delivery: Delivery) -> None:
    assert delivery.host is not None
    context = ssl.create_default_context()
    if not delivery.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if delivery.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            delivery.host, delivery.port, timeout=PATIENCE_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(delivery.host, delivery.port, timeout=PATIENCE_SECONDS)
    with server:
        if delivery.security == "starttls":
            server.starttls(context=context)
        if delivery.username is not None and delivery.password is not None:
            server.login(delivery.username, delivery.password.get_secret_value())
        server.noop()


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
