"""What one is to decide: the list with the facts needed for it, and one request in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    Answers,
    Way,
)
from designer.approval_words import ROOM, STATES, SUBJECTS, VERBS, address_of
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
    answers = Answers(designer, visitor, {}, ROOM)
    chosen: set[int] = set()
    if which is None and len(found) > 1:
        with block("cz-row cz-bulk").mark("bulk"):
            words(t("Those that are ticked:"), "cz-soft")
            for way in (APPROVE, REJECT, RETURN):
                answers.button(way, lambda: sorted(chosen), quiet=True)
    for one in found:
        _line(one, visitor, answers, chosen if which is None and len(found) > 1 else None)


def _line(one: Request, visitor: Visitor, answers: Answers, chosen: set[int] | None) -> None:
    t = visitor.t
    with block("cz-card", tag="section").mark(f"request-{one.id}"):
        with block("cz-card__head"):
            if chosen is not None:
                _tick(one, chosen, t("Choose"))
            anchor(address_of(one.id), one.title.in_language(t.short), "cz-h2")
            chip(*toned(STATES, one.status, t))
        _facts(one, visitor)
        if one.can_decide:
            with block("cz-row cz-pad"):
                answers.button(APPROVE, lambda: [one.id])
                answers.button(REJECT, lambda: [one.id])
                anchor(address_of(one.id), t("More"), "cz-button")


def _tick(one: Request, chosen: set[int], label: str) -> None:
    def changed(value: bool) -> None:
        chosen.add(one.id) if value else chosen.discard(one.id)

    box = ui.checkbox(on_change=lambda event: changed(bool(event.value)))
    box.props["aria-label"] = label
    box.mark(f"tick-{one.id}")


def _facts(one: Request, visitor: Visitor) -> None:
    t = visitor.t
    waits = [voice.holder for voice in one.voices if voice.vote is None]
    pairs = [
        (t("What it is about"), one.body.in_language(t.short)),
        (t("Asked by"), one.requester or ""),
        (t("Amount"), one.amount.shown() if one.amount else ""),
        *((_name(name, visitor), value) for name, value in _shown(one.facts)),
        (t("Level"), _level(one, visitor)),
        (t("Waits for"), ", ".join(waits)),
        (t("Decided by"), ", ".join(one.decided_by)),
        (t("Since"), visitor.formats.moment(one.opened_at)),
        (t("Until"), visitor.formats.moment(one.deadline) if one.deadline else ""),
    ]
    facts(pairs)
    if one.record is not None:
        kind, id_ = one.record
        told = f"{term(SUBJECTS, kind, t)} {id_}"
        if kind in _PLACES:
            anchor(f"{_PLACES[kind]}/{id_}", told, "cz-small").classes("cz-pad")
        else:
            words(told, "cz-soft cz-small cz-pad")
    elif one.contact_id is not None:
        link = anchor(f"/contacts/{one.contact_id}", t("The contact"), "cz-small")
        link.classes("cz-pad")


_PLACES: Final[Mapping[str, str]] = {
    "deal": "/deals",
    "ticket": "/tickets",
    "contact": "/contacts",
}


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
    answers = Answers(designer, visitor, people, address_of(number))
    ways = _ways(one, visitor)
    if ways:
        with block("cz-row cz-bulk").mark("answers"):
            for way in ways:
                answers.button(way, lambda: [number])
    with block("cz-letter"):
        with block("cz-stack"), card(t("What happened")):
            _history(history, visitor)
        with block("cz-stack"):
            with card(t("The request")):
                _facts(one, visitor)
            _voices(one, visitor)


def _ways(one: Request, visitor: Visitor) -> list[Way]:
    """What this person can answer now."""
    ways: list[Way] = []
    own = one.requester_id is not None and one.requester_id == visitor.somebody.id
    if one.can_decide:
        ways += [APPROVE, REJECT, RETURN, DELEGATE]
        if not one.question:
            ways.insert(2, ASK_BACK)
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
                Cell(f"{one.by or '–'} {term(VERBS, one.verb, t)}", sub=one.comment or ""),
            )
        )
        for one in reversed(history)
    ]
    DataTable(t("What happened"), [Column(t("At")), Column(t("What"), wraps=True)], rows)


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
