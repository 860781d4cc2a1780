"""How the installation is, live: queues with their lag, what it stands on, who works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import Translator
from designer.i18n.translator import N_
from designer.tone import Tone
from designer.visitor import Visitor
from designer.widgets import Words, anchor, block, card, words
from engine.measuring.breaker import Health
from engine.services.sender_health import SenderDomain
from engine.services.vitals import LITTLE_BYTES, SCARCE_BYTES, Level, Machine, Queues

_QUEUES: Final = {
    "events": (N_("Events"), N_("Events nobody has looked at yet")),
    "runs": (N_("Runs"), N_("People in flows whose time has come")),
    "effects": (N_("Messages and calls"), N_("What flows asked for and is to be done")),
    "segments": (N_("Segments"), N_("Segments that are due to be counted")),
    "clocks": (N_("Deals, tickets, approvals"), N_("Things whose next time has come")),
    "notices": (N_("Notices"), N_("Notices to colleagues that are to be mailed")),
}
_LEVELS: Final[dict[Level, tuple[str, Tone]]] = {
    Level.FINE: (N_("Fine"), "good"),
    Level.SLOW: (N_("Slow"), "warn"),
    Level.STUCK: (N_("Stuck"), "bad"),
}
_HEALTH: Final[dict[Health, tuple[str, Tone]]] = {
    Health.WELL: (N_("Well"), "good"),
    Health.WARNED: (N_("Too much comes back"), "warn"),
    Health.PAUSED: (N_("Paused"), "bad"),
}
# Beyond this, due times and signatures of other systems start to disagree.
LARGEST_SKEW: Final = timedelta(seconds=2)
_GIB: Final = 1024**3
_MIB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Seen:
    queues: Queues
    machine: Machine
    domains: tuple[SenderDomain, ...]


class HealthView:
    """Built once, shown anew while somebody looks; what did not move does not travel."""

    def __init__(self, seen: Seen, visitor: Visitor) -> None:
        self._visitor = visitor
        t = visitor.t
        with block("cz-stack"):
            with block("cz-sys__verdict") as self._verdict:
                self._verdict_words: Words = words("", "cz-strong")
                self._verdict.props["role"] = "status"
            with block("cz-tiles"):
                self._held = _count(t("Held runs"), "/runs?state=held")
                self._maybe = _count(t("Maybe sent"), "/messages?state=maybe_sent")
                self._waiting = _count(t("Waiting for the drivers"), None)
                self._workers = _count(t("Workers"), None)
            with card(t("Queues")):
                columns = [
                    Column(t("What waits"), wraps=True),
                    Column(t("Waiting"), "right"),
                    Column(t("The oldest for"), "right"),
                    Column(t("State")),
                ]
                self._queues = DataTable(t("Queues"), columns)
            with block("cz-grid"):
                with card(t("What it stands on")):
                    columns = [
                        Column(t("Part")),
                        Column(t("State")),
                        Column(t("Details"), wraps=True),
                    ]
                    self._parts = DataTable(t("What it stands on"), columns)
                with card(t("Workers")):
                    columns = [Column(t("Process")), Column(t("Last asked for work"))]
                    self._people = DataTable(t("Workers"), columns)
                    self._nobody = words("", "cz-soft cz-pad", tag="p")
            with card(t("Sender domains"), ("/message-results?by=domain", t("Message results"))):
                columns = [
                    Column(t("Domain")),
                    Column(t("State")),
                    Column(t("Sent in 7 days"), "right"),
                    Column(t("Came back"), "right"),
                    Column(t("Complaints"), "right"),
                ]
                self._domains = DataTable(t("Sender domains"), columns)
                self._no_domains = words("", "cz-soft cz-pad", tag="p")
        self.show(seen)

    def show(self, seen: Seen) -> None:
        t, number = self._visitor.t, self._visitor.formats.number
        workers = seen.machine.workers
        self._held.set_text(number(seen.queues.held_runs))
        self._maybe.set_text(number(seen.queues.maybe_sent))
        self._waiting.set_text(number(sum(one.waiting for one in seen.queues.queues)))
        self._workers.set_text("–" if workers is None else number(len(workers)))
        parts = part_rows(seen, self._visitor)
        self._queues.show_if_changed(queue_rows(seen.queues, self._visitor))
        self._parts.show_if_changed(parts)
        self._people.show_if_changed(_worker_rows(seen.machine, self._visitor))
        self._nobody.set_text(_nobody(seen.machine, t))
        self._domains.show_if_changed(_domain_rows(seen.domains, self._visitor))
        self._no_domains.set_text(
            "" if seen.domains else t("Nothing was sent in the last seven days.")
        )
        self._judge(seen, parts)

    def _judge(self, seen: Seen, parts: list[Row]) -> None:
        """The one sentence at the top."""
        t = self._visitor.t
        tones = [cell.tone for row in parts for cell in row.cells]
        stuck = [one for one in seen.queues.queues if one.level is Level.STUCK]
        slow = [one for one in seen.queues.queues if one.level is Level.SLOW]
        text, tone = t("Everything runs."), "good"
        if slow or "warn" in tones:
            text, tone = t("It runs, but something is slow or scarce."), "warn"
        if stuck or "bad" in tones:
            text, tone = t("Something stands still: look at what is red."), "bad"
        if text != self._verdict_words.text:
            self._verdict_words.set_text(text)
            self._verdict.classes(replace=f"cz-sys__verdict is-{tone}")


def queue_rows(queues: Queues, visitor: Visitor) -> list[Row]:
    t, formats = visitor.t, visitor.formats
    rows = []
    for one in queues.queues:
        name, about = _QUEUES.get(one.code, (one.code, ""))
        level, tone = _LEVELS[one.level]
        lag = formats.span(one.lag) if one.waiting and one.lag >= timedelta(seconds=1) else ""
        rows.append(
            Row(
                (
                    Cell(t(name), sub=t(about) if about else ""),
                    Cell(formats.number(one.waiting)),
                    Cell(lag),
                    Cell(t(level), tone=tone),
                )
            )
        )
    return rows


def part_rows(seen: Seen, visitor: Visitor) -> list[Row]:
    """Database, Temporal, disk and mail, each with what to do where it is not well."""
    t = visitor.t
    return [
        _readiness(seen.machine, t),
        _database(seen, visitor),
        _temporal(seen.machine, t),
        _disk(seen.machine, t),
        _mail(seen.machine, t),
    ]


# What `/readyz` looks at, and what to do where it is not well.
_PARTS: Final = {
    "database": N_("The database does not answer."),
    "schema": N_("The schema is older than this release: run “cadenza migrate”."),
    "temporal": N_("Temporal does not answer."),
    "drivers": N_("No worker asks for work: start “cadenza worker”."),
    "disk": N_("The disk of the data folder is nearly full."),
}


def _readiness(machine: Machine, t: Translator) -> Row:
    missing = machine.not_ready
    if not missing:
        said = t("Told to load balancers at /readyz, without details.")
        return Row((Cell(t("Readiness")), Cell(t("Ready"), tone="good"), Cell(said)))
    said = " ".join(t(_PARTS[name]) if name in _PARTS else name for name in missing)
    return Row((Cell(t("Readiness")), Cell(t("Not ready"), tone="bad"), Cell(said)))


def _database(seen: Seen, visitor: Visitor) -> Row:
    t, found = visitor.t, seen.queues.database
    said = t(
        "PostgreSQL {version}, {size} MB, {used} of {most} connections.",
        version=found.version,
        size=visitor.formats.number(round(found.size_bytes / _MIB)),
        used=found.connections,
        most=found.most_connections,
    )
    state, tone = t("Answers"), "good"
    if found.connections > found.most_connections * 0.9:
        said += " " + t("Hardly a connection is left: raise max_connections.")
        tone = "warn"
    if found.skew > LARGEST_SKEW:
        said += " " + t("Its clock differs from ours: set both by NTP.")
        tone = "warn"
    return Row((Cell(t("Database")), Cell(state, tone=tone), Cell(said)))  # type: ignore[arg-type]


def _temporal(machine: Machine, t: Translator) -> Row:
    if machine.temporal is None:
        cells = (Cell(t("Not connected"), tone="warn"), Cell(t("This process runs without it.")))
    elif machine.temporal:
        said = t("Namespace {name}.", name=machine.namespace)
        cells = (Cell(t("Answers"), tone="good"), Cell(said))
    else:
        said = t("Nothing moves until it answers again. Check TEMPORAL_ADDRESS and the server.")
        cells = (Cell(t("Does not answer"), tone="bad"), Cell(said))
    return Row((Cell("Temporal"), *cells))


def _disk(machine: Machine, t: Translator) -> Row:
    free, whole = machine.disk_free_bytes, machine.disk_bytes
    if free is None or whole is None:
        return Row((Cell(t("Disk")), Cell(t("Not known")), Cell("")))
    said = t("{free} of {whole} GiB free.", free=f"{free / _GIB:.1f}", whole=f"{whole / _GIB:.0f}")
    if free < SCARCE_BYTES:
        return Row(
            (Cell(t("Disk")), Cell(t("Full"), tone="bad"), Cell(f"{said} {t('Make room.')}"))
        )
    if free < LITTLE_BYTES:
        said = f"{said} {t('Enough to try, little for a year.')}"
        return Row((Cell(t("Disk")), Cell(t("Little"), tone="warn"), Cell(said)))
    return Row((Cell(t("Disk")), Cell(t("Enough"), tone="good"), Cell(said)))


def _mail(machine: Machine, t: Translator) -> Row:
    said = {
        "mailbox": t("Mail stays in the mailbox here: set DELIVERY_CHANNEL to send it."),
        "null": t("Mail is dropped: set DELIVERY_CHANNEL to send it."),
        "smtp": t("Mail goes by SMTP. Send a test in Channels."),
        "sendgrid": t("Mail goes by SendGrid. Send a test in Channels."),
    }.get(machine.channel, machine.channel)
    kept = machine.channel in ("mailbox", "null")
    state, tone = (t("Kept here"), "accent") if kept else (t("Goes out"), "good")
    return Row((Cell(t("Mail")), Cell(state, tone=tone), Cell(said)))  # type: ignore[arg-type]


def _worker_rows(machine: Machine, visitor: Visitor) -> list[Row]:
    return [
        Row((Cell(one.identity), Cell(_clock(one.seen_at, visitor))))
        for one in machine.workers or ()
    ]


def _clock(instant: datetime, visitor: Visitor) -> str:
    return visitor.formats.moment(instant)


def _nobody(machine: Machine, t: Translator) -> str:
    if machine.workers is None:
        return t("Temporal does not say who works.")
    if not machine.workers:
        return t("Nobody works: start `cadenza worker`. Nothing moves until then.")
    return ""


def _domain_rows(found: tuple[SenderDomain, ...], visitor: Visitor) -> list[Row]:
    t, number = visitor.t, visitor.formats.number
    rows = []
    for one in found:
        state, tone = _HEALTH[one.health]
        rows.append(
            Row(
                (
                    Cell(one.domain),
                    Cell(t(state), tone=tone),
                    Cell(number(one.volume.sent)),
                    Cell(number(one.volume.bounced), sub=f"{one.volume.bounces:.1%}"),
                    Cell(number(one.volume.complained), sub=f"{one.volume.complaints:.2%}"),
                )
            )
        )
    return rows


def _count(label: str, address: str | None) -> Words:
    place = anchor(address, classes="cz-card cz-tile") if address else block("cz-card cz-tile")
    with place:
        value = words("", "cz-tile__value", tag="div")
        words(label, "cz-soft cz-small", tag="div")
    return value
