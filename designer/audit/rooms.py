"""The search, and one row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.audit.differences import differences
from designer.audit.wordings import (
    BAD,
    DOORS,
    FAULTS,
    KINDS,
    ROOM,
    SPANS,
    STYLE,
    VERBS,
    door_in,
    kind_in,
    page_of,
    subject_in,
    verb_in,
)
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import address
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor
from designer.widgets import (
    ask_to_sign_in,
    block,
    button_link,
    card,
    empty_state,
    facts,
    notice,
    words,
)
from engine.errors import CadenzaError, NotSignedIn
from engine.services.audit_log.exporting import export_audit
from engine.services.audit_log.searching import (
    AuditPage,
    AuditQuery,
    SeenRow,
    audit_words,
    key_of,
    search_audit,
    see_audit_row,
)
from engine.services.audit_log.verifying import Verified, verify_audit

PAGE_ROWS: Final = 50
LONGEST: Final = 200
# The names in the address, which are those of the query.
TEXTS: Final = ("actor", "verb", "kind", "subject", "door", "request_id", "words")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; a place is "microseconds.id" of a row."""

    texts: dict[str, str] = field(default_factory=dict)
    span: str = "month"
    before: str = ""
    after: str = ""

    def query(self, now: datetime) -> AuditQuery:
        usual = AuditQuery(now - SPANS[self.span][0], now + timedelta(days=1))
        # the names are those of texts in the query
        return replace(usual, **self.texts)  # type: ignore[arg-type]

    def at(self, **place: str) -> str:
        return address(ROOM, {**self.texts, "span": self.span, **place})


@dataclass(slots=True)
class AuditRoom:
    designer: Designer
    visitor: Visitor
    asked: Asked
    _fields: dict[str, Any] = field(default_factory=dict)
    _told: Any = None

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        query = self.asked.query(self.designer.now())
        async with self.designer.transaction() as session:
            verbs, kinds = await audit_words(session, visitor.somebody)
            page = await search_audit(
                *(session, visitor.somebody, query),
                before=_place(self.asked.before),
                after=_place(self.asked.after),
                limit=PAGE_ROWS,
            )
        with frame(ROOM, t("Audit"), styles=(STYLE,)) as actions:
            with actions:
                for form, name in (("csv", t("As CSV")), ("jsonl", t("As JSON lines"))):
                    plain_button(name, partial(self._export, form), symbol="download").mark(
                        f"audit-{form}"
                    )
                plain_button(t("Check the seals"), self._verify, symbol="verified").mark(
                    "audit-verify"
                )
            with block("cz-stack"):
                self._told = block("cz-au__told").props("role=status")
                with card():
                    self._search(verbs, kinds)
                self._rows(page)

    def _search(self, verbs: list[str], kinds: list[str]) -> None:
        t, texts = self.visitor.t, self.asked.texts
        with block("cz-pad cz-au__search"):
            self._text("words", t("Words"))
            self._text("actor", t("Who"))
            self._choice("verb", t("Did what"), {one: verb_in(one, t) for one in verbs})
            self._choice("kind", t("To what kind"), {one: kind_in(one, t) for one in kinds})
            self._text("subject", t("Which (its id)"))
            self._choice("door", t("Through"), {one: t(name) for one, name in DOORS.items()})
            spans = {one: t(name) for one, (_, name) in SPANS.items()}
            self._choice("span", t("In the last"), spans, self.asked.span)
            with block("cz-row cz-au__go"):
                plain_button(t("Search"), self._go, main=True, symbol="search").mark("audit-go")
                if texts or self.asked.span != "month":
                    button_link(ROOM, t("Begin anew"))
            if texts.get("request_id"):
                words(t("Only what one request did."), "cz-soft cz-small", tag="p")

    def _text(self, name: str, label: str) -> None:
        box = ui.input(label=label, value=self.asked.texts.get(name, ""))
        box.props(f"outlined dense clearable maxlength={LONGEST}").classes("cz-field")
        box.on("keydown.enter", self._go, args=[])
        self._fields[name] = box.mark(f"audit-{name}")

    def _choice(
        self, name: str, label: str, choices: dict[str, str], value: str | None = None
    ) -> None:
        chosen = value or self.asked.texts.get(name, "")
        offered = choices if value else {"": self.visitor.t("everything"), **choices}
        if chosen not in offered:
            offered = {**offered, chosen: chosen}
        box = ui.select(offered, value=chosen, label=label)
        box.props("outlined dense options-dense").classes("cz-field")
        self._fields[name] = box.mark(f"audit-{name}")

    def _go(self) -> None:
        given = {name: str(one.value or "").strip()[:LONGEST] for name, one in self._fields.items()}
        kept = {"request_id": self.asked.texts.get("request_id", "")}
        ui.navigate.to(address(ROOM, {**kept, **given}))

    def _rows(self, page: AuditPage) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        if not page.rows:
            with card():
                empty_state(
                    "manage_search",
                    t("Nothing was found"),
                    t("Ask for a longer time, or for less. Everything you chose must hold."),
                )
            return
        columns = [
            Column(t("When")),
            Column(t("Who"), wraps=True),
            Column(t("Did what"), wraps=True),
            Column(t("To what"), wraps=True),
            Column(t("Through")),
            Column(t("Why"), wraps=True),
        ]
        rows = [
            Row(
                (
                    Cell(formats.moment(one.at)),
                    Cell(one.actor_name),
                    Cell(verb_in(one.verb, t), tone="bad" if one.verb in BAD else None),
                    Cell(subject_in(one, t)),
                    Cell(door_in(one.door, t)),
                    Cell((one.why or "")[:200]),
                ),
                f"{ROOM}/{one.id}",
            )
            for one in page.rows
        ]
        with card():
            DataTable(t("Audit"), columns, rows)
            if page.newer or page.older:
                with block("cz-pager"):
                    words("", "cz-grow")
                    if page.newer:
                        newer = self.asked.at(after=_spelled(page.rows[0]))
                        button_link(newer, t("Newer"), "chevron_left")
                    if page.older:
                        older = self.asked.at(before=_spelled(page.rows[-1]))
                        button_link(older, t("Older"), "chevron_right")

    async def _export(self, form: str) -> None:
        designer = self.designer
        try:
            actor = await designer.actor(self.visitor.token)
            query = self.asked.query(designer.now())
            async with designer.transaction() as session:
                pieces = [one async for one in export_audit(session, actor, query, form)]
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._say(all_words(error, self.visitor.t), "bad")
        else:
            ui.download.content(b"".join(pieces), f"audit.{form}")

    async def _verify(self) -> None:
        designer, t = self.designer, self.visitor.t
        self._say(t("Reading all of it …"), "accent")
        try:
            actor = await designer.actor(self.visitor.token)
            async with designer.transaction() as session:
                found = await verify_audit(session, actor)
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._say(all_words(error, self.visitor.t), "bad")
        else:
            self._verdict(found)

    def _verdict(self, found: Verified) -> None:
        t, number = self.visitor.t, self.visitor.formats.number
        if not found.whole:
            said = [
                t("Row {row}", row=one.audit_id)
                if one.audit_id is not None
                else t("The day {day}", day=str(one.day or "?"))
                for one in found.findings
            ]
            lines = [
                f"{where} {t(FAULTS[one.fault])}."
                for where, one in zip(said, found.findings, strict=True)
            ]
            if found.more:
                lines.append(t("{count} more are not listed.", count=number(found.more)))
            self._say(t("The audit is not what was sealed."), "bad", lines)
            return
        lines = [t("Keep this seal elsewhere, to compare another time: {head}", head=found.head)]
        if found.pending:
            lines.append(
                t("{count} of the last minute are not sealed yet.", count=number(found.pending))
            )
        self._say(
            t("{count} rows are as they were sealed.", count=number(found.rows)), "good", lines
        )

    def _say(self, text: str, tone: Any, lines: list[str] | None = None) -> None:
        self._told.clear()
        with self._told:
            notice(text, tone, "verified" if tone == "good" else "info")
            for line in lines or ():
                words(line, "cz-small cz-au__line", tag="p")


@dataclass(slots=True)
class RowRoom:
    designer: Designer
    visitor: Visitor
    id: int

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            seen = await see_audit_row(session, visitor.somebody, self.id)
        row = seen.row
        title = f"{verb_in(row.verb, t)} · {subject_in(row, t)}"
        with frame(ROOM, title, trail=[(ROOM, t("Audit"))], styles=(STYLE,)) as actions:
            with actions:
                self._links(seen)
            with block("cz-stack"):
                self._about(seen)
                self._change(seen)

    def _links(self, seen: SeenRow) -> None:
        t, row = self.visitor.t, seen.row
        page = page_of(row)
        if page is not None:
            button_link(page, t("Open it"), "open_in_new")
        of_it = {"kind": row.subject_kind, "subject": row.subject_id, "span": "all"}
        button_link(address(ROOM, of_it), t("All about it"), "history")
        if row.request_id:
            of_request = {"request_id": row.request_id, "span": "all"}
            button_link(address(ROOM, of_request), t("The same request"), "link")

    def _about(self, seen: SeenRow) -> None:
        t, row = self.visitor.t, seen.row
        door = door_in(row.door, t) or t("not known")
        with card():
            facts(
                [
                    (t("When"), self.visitor.formats.moment(row.at)),
                    (t("Who"), row.actor_name),
                    (t("Did what"), t(VERBS[row.verb]) if row.verb in VERBS else row.verb),
                    (
                        t("To what"),
                        f"{t(KINDS[row.subject_kind])} {row.subject_id}"
                        if row.subject_kind in KINDS
                        else f"{row.subject_kind} {row.subject_id}",
                    ),
                    (t("Through"), door),
                    (t("Why"), row.why or ""),
                    (t("Request"), row.request_id or ""),
                    (t("Seal"), seen.seal or t("within a minute")),
                ]
            )

    def _change(self, seen: SeenRow) -> None:
        t, row = self.visitor.t, seen.row
        if row.cleared_at is not None:
            notice(
                t(
                    "What it said was cleared on {day}, when a person was erased.",
                    day=self.visitor.formats.date_of(row.cleared_at),
                ),
                "plain",
                "cleaning_services",
            )
            return
        lines = differences(row.before, row.after)
        with card(t("Before and after")):
            if not lines:
                words(t("Nothing else was written down."), "cz-soft cz-pad", tag="p")
                return
            rows = [
                Row(
                    (
                        Cell(one.place or t("value")),
                        Cell(one.before),
                        Cell(one.after),
                        Cell(t("differs"), tone="accent") if one.differs else Cell(t("the same")),
                    )
                )
                for one in lines
            ]
            columns = [
                Column(t("What"), wraps=True),
                Column(t("Before"), wraps=True),
                Column(t("After"), wraps=True),
                Column(""),
            ]
            DataTable(t("Before and after"), columns, rows)


def _spelled(row: Any) -> str:
    at, id_ = key_of(row)
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}.{id_}"


def _place(text: str) -> tuple[datetime, int] | None:
    """None for what is no place of ours: the list then begins at its beginning."""
    at, _, id_ = text.partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) < 18 for one in (at, id_)):
        return None
    return _EPOCH + timedelta(microseconds=int(at)), int(id_)
