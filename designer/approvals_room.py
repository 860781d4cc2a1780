"""What one is to decide: the list with the facts needed for it, and one request in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from nicegui import ui

from designer.approval_answers import (
    ANSWER,
    APPROVE,
    ASK_BACK,
    COMMENT,
    DELEGATE,
    RECALL,
    REJECT,
    RESUBMIT,
    RETURN,
    SEND_BACK,
    Answers,
    Way,
)
from designer.approval_route import route_of
from designer.approval_subject import subject_card, subject_link
from designer.approval_words import ROOM, STATES, VERBS, address_of
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import filter_tabs
from designer.i18n import N_
from designer.runtime import Designer
from designer.terms import term, toned
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, empty_state, facts, notice, words
from engine.services.approvals.reading import Entry, Request, list_requests, read_request
from engine.services.work import working

MOST_SHOWN: Final = 50
_NUMBER_DIGITS: Final = 15
_EMPTY: Final = {
    None: N_("Requests of colleagues, deals and flows come here."),
    "asked": N_("What you ask of others stands here until it is decided."),
    "all": N_("Nobody waits for a decision."),
}


async def approvals_room(designer: Designer, visitor: Visitor, query: Mapping[str, str]) -> None:
    """The tab's content, built where it is called: one request if `approval` names it, else the
    list."""
    number = query.get("approval", "")
    if number.isdecimal() and len(number) <= _NUMBER_DIGITS:
        await _one(designer, visitor, int(number))
        return
    await _list(designer, visitor, query.get("which"))


async def _list(designer: Designer, visitor: Visitor, which: str | None) -> None:
    t, runtime = visitor.t, designer.runtime
    which = which if which in ("asked", "all") else None
    async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
        found = await list_requests(
            work,
            visitor.somebody,
            mine=which is None,
            asked_by_me=which == "asked",
            limit=MOST_SHOWN,
        )
    choices = [(None, t("To decide")), ("asked", t("Asked by me")), ("all", t("Everybody's"))]
    filter_tabs(t("Which requests"), ROOM, {"which": which}, "which", choices)
    if not found:
        with block("cz-card"):
            empty_state("task_alt", t("Nothing to decide"), t(_EMPTY[which]))
        return
    titles = {one.id: one.title.in_language(t.short) for one in found}
    answers = Answers(designer, visitor, {}, ROOM, titles=titles)
    ticks = _Ticks() if which is None and len(found) > 1 else None
    if ticks is not None:
        _bulk(visitor, answers, ticks, len(found))
    for one in found:
        _line(designer, one, visitor, answers, ticks)
    if len(found) == MOST_SHOWN:
        words(t("The oldest {count} are shown.", count=MOST_SHOWN), "cz-soft cz-small")
    _keys(visitor)


@dataclass(slots=True)
class _Ticks:
    """Those that are chosen, and the boxes that say so."""

    chosen: set[int] = field(default_factory=set)
    boxes: list[ui.checkbox] = field(default_factory=list)

    def ids(self) -> list[int]:
        return sorted(self.chosen)

    def box(self, id_: int, label: str) -> None:
        def changed(value: bool) -> None:
            self.chosen.add(id_) if value else self.chosen.discard(id_)

        box = ui.checkbox(on_change=lambda event: changed(bool(event.value)))
        box.props["aria-label"] = label
        box.props["data-key"] = "x"
        box.mark(f"tick-{id_}")
        self.boxes.append(box)

    def all(self, value: bool) -> None:
        for box in self.boxes:
            box.value = value


def _bulk(visitor: Visitor, answers: Answers, ticks: _Ticks, count: int) -> None:
    t = visitor.t
    with block("cz-row cz-bulk inb-bulk").mark("bulk"):
        every = ui.checkbox(t("All {count}", count=count))
        every.mark("tick-all")
        every.on_value_change(lambda event: ticks.all(bool(event.value)))
        for way in (APPROVE, REJECT, RETURN):
            answers.button(way, ticks.ids, quiet=True)


def _keys(visitor: Visitor) -> None:
    """What the keyboard does here; a phone has none."""
    t = visitor.t
    pairs = (
        ("j k", t("next, previous")),
        ("Enter", t("open")),
        ("a", t("approve")),
        ("r", t("reject")),
        ("Ctrl Enter", t("send")),
    )
    with block("cz-row inb-keys cz-soft cz-small"):
        for key, said in pairs:
            with block("cz-row cz-tight"):
                words(key, "inb-key", tag="kbd")
                words(said)


def _line(
    designer: Designer,
    one: Request,
    visitor: Visitor,
    answers: Answers,
    ticks: _Ticks | None,
) -> None:
    t = visitor.t
    with block("cz-card inb-ask", tag="section").mark(f"request-{one.id}") as place:
        place.props["tabindex"] = "0"
        place.props["aria-label"] = one.title.in_language(t.short)
        with block("cz-card__head"):
            if ticks is not None:
                ticks.box(one.id, t("Choose"))
            anchor(address_of(one.id), one.title.in_language(t.short), "cz-h2")
            chip(*toned(STATES, one.status, t))
        with block("cz-pad inb-route-row"):
            route_of(one, visitor, designer.runtime.shared.base_currency)
        _facts(one, visitor)
        subject_link(one, visitor)
        if one.can_decide:
            with block("cz-row cz-pad inb-decide"):
                answers.button(APPROVE, lambda: [one.id])
                answers.button(REJECT, lambda: [one.id])
                anchor(address_of(one.id), t("More"), "cz-button")


def _facts(one: Request, visitor: Visitor) -> None:
    t = visitor.t
    waits = [voice.holder for voice in one.voices if voice.vote is None]
    pairs = [
        (t("What it is about"), one.body.in_language(t.short)),
        (t("Asked by"), one.requester or ""),
        (t("Amount"), _amount(one, visitor)),
        *((_name(name, visitor), value) for name, value in _shown(one.facts)),
        (t("Level"), _level(one, visitor)),
        (t("Waits for"), ", ".join(waits)),
        (t("Decided by"), ", ".join(one.decided_by)),
        (t("Since"), visitor.formats.moment(one.opened_at)),
        (t("Until"), visitor.formats.moment(one.deadline) if one.deadline else ""),
    ]
    facts(pairs)


def _amount(one: Request, visitor: Visitor) -> str:
    return visitor.formats.money(one.amount.minor, one.amount.currency) if one.amount else ""


def _shown(known: Mapping[str, object]) -> list[tuple[str, str]]:
    """Facts that are a plain value; the words of people as they are."""
    return [
        (name, str(value))
        for name, value in known.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]


def _name(key: str, visitor: Visitor) -> str:
    return term(_FACTS, key, visitor.t) if key in _FACTS else key.replace("_", " ").capitalize()


_FACTS: Final[dict[str, str]] = {"kind": N_("Kind"), "name": N_("Name"), "stage": N_("Stage")}


def _level(one: Request, visitor: Visitor) -> str:
    label = one.level.in_language(visitor.t.short)
    if len(one.levels) == 1:
        return label
    place = one.levels.index(one.level_key) + 1
    return visitor.t(
        "{label} ({place} of {count})", label=label, place=place, count=len(one.levels)
    )


async def _one(designer: Designer, visitor: Visitor, number: int) -> None:
    t, runtime = visitor.t, designer.runtime
    async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
        one, history = await read_request(work, visitor.somebody, number)
        directory = await work.directory()
    seated = {voice.holder_id for voice in one.voices} | {one.requester_id}
    people = {
        person.id: person.name
        for person in directory.people.values()
        if person.active and person.id not in seated
    }
    with block("cz-row"):
        anchor(ROOM, t("All requests"), "cz-small")
    with block("cz-row"):
        words(one.title.in_language(t.short), "cz-h2", tag="h2")
        chip(*toned(STATES, one.status, t))
    if one.status == "held":
        notice(t("Nobody who is asked can decide. An admin may."), "bad", "front_hand")
    earlier = one.levels[: one.route.at]
    levels = {
        key: step.in_language(t.short) for key, step in zip(earlier, one.route.steps, strict=False)
    }
    answers = Answers(designer, visitor, people, address_of(number), levels=levels)
    route_of(one, visitor, designer.runtime.shared.base_currency)
    ways = _ways(one, visitor)
    with block("cz-letter inb-one"):
        with block("cz-stack"):
            await subject_card(designer, visitor, one)
            with card(t("The request")):
                _facts(one, visitor)
                subject_link(one, visitor)
            with card(t("What happened")):
                _history(history, visitor)
        with block("cz-stack"):
            deciding = [way for way in ways if way in (APPROVE, REJECT)]
            if deciding:
                with block("inb-answers").mark("answers"):
                    for way in deciding:
                        answers.button(way, lambda: [number])
            with block("cz-row inb-others"):
                for way in ways:
                    if way not in deciding:
                        answers.button(way, lambda: [number])
            _voices(one, visitor)


def _ways(one: Request, visitor: Visitor) -> list[Way]:
    """What this person can answer now."""
    ways: list[Way] = []
    own = one.requester_id is not None and one.requester_id == visitor.somebody.id
    if one.can_decide:
        ways += [APPROVE, REJECT, RETURN, DELEGATE]
        if not one.question:
            ways.insert(2, ASK_BACK)
        if one.route.at:
            ways.append(SEND_BACK)
    if own and one.question:
        ways.append(ANSWER)
    if own and one.status == "returned":
        ways.append(RESUBMIT)
    if one.can_recall:
        ways.append(RECALL)
    return [*ways, COMMENT]


def _history(history: Sequence[Entry], visitor: Visitor) -> None:
    t = visitor.t
    if not history:
        words(t("Nobody has answered yet."), "cz-soft cz-pad", tag="p")
        return
    rows = [
        Row(
            (
                Cell(visitor.formats.moment(one.at)),
                Cell(f"{one.by or '–'} {term(VERBS, one.verb, t)}", sub=_added(one, visitor)),
            )
        )
        for one in reversed(history)
    ]
    DataTable(t("What happened"), [Column(t("At")), Column(t("What"), wraps=True)], rows)


def _added(one: Entry, visitor: Visitor) -> str:
    """What was said with it, and how many files came along."""
    t, files = visitor.t, len(one.file_ids)
    told = t.n("{count} file", "{count} files", files) if files else ""
    return " · ".join(filter(None, (one.comment or "", told)))


def _voices(one: Request, visitor: Visitor) -> None:
    t = visitor.t
    if not one.voices:
        return
    with card(t("Who is asked")):
        rows = []
        for voice in one.voices:
            state = t(STATES[voice.vote][0]) if voice.vote in STATES else t("Not yet")
            instead = voice.by if voice.by != voice.holder else None
            rows.append(Row((Cell(voice.holder), Cell(state, sub=instead or ""))))
        DataTable(t("Who is asked"), [Column(t("Person")), Column(t("Answer"))], rows)
