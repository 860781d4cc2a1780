"""Making, changing and deleting segments. Members follow: poke `segments` after the commit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import custom_fields
from crm_store.models import Segment, SegmentKind, SegmentState
from crm_store.scores import saved_models
from crm_store.segments import ask_for_recount, hold_shelf, saved_segments, segment_named
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.flows.triggers.segment import SEGMENT_ENTERED, SEGMENT_LEFT
from engine.rules import Catalogue, RuleRefused, parse
from engine.rules.scoring import ModelRefused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.custom_fields import catalogue_with
from engine.services.scoring.circles import circles
from engine.services.scoring.shelf import compiled
from engine.services.segments.mentions import mentioned
from engine.services.segments.shelf import documents_of
from engine.services.segments.using import built_on, users_of

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_LABEL: Final = 200
# What no label has, and some of it no text column holds: control characters, half surrogate pairs.
_NOT_WORDS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NewSegment:
    """`rule` is what its members fulfil. A static list has none; with `fill` everybody who fulfils
    that rule is put on it, once.
    """

    name: str
    label: str
    label_zh: str | None = None
    rule: Any = None
    fill: Any = None
    kind: SegmentKind = SegmentKind.RULE

    @classmethod
    def by_hand(cls, name: str, label: str, label_zh: str | None = None) -> NewSegment:
        """A static list, without anybody on it."""
        return cls(name, label, label_zh, kind=SegmentKind.STATIC)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is None stays as it is."""

    label: str | None = None
    label_zh: str | None = None
    rule: Any = None


async def create_segment(
    session: AsyncSession, actor: Actor, new: NewSegment, now: datetime
) -> Segment:
    """Save a segment; its members are counted by the driver.

    Raises Refused with every problem, those of the rule by JSON pointer, and Conflict when the name
    is taken.
    """
    allowed(actor, "create", "segment")
    await hold_shelf(session)
    if problems := await problems_of(session, new):
        raise Refused(f'The segment "{new.name}" was not saved.', problems)
    if await segment_named(session, new.name) is not None:
        raise Conflict(f'There is a segment "{new.name}" already. Choose another name.')
    is_rule = new.kind is SegmentKind.RULE
    record = Segment(
        name=new.name,
        label=new.label.strip(),
        label_zh=new.label_zh,
        kind=new.kind,
        rule=new.rule if is_rule else None,
        fill=None if is_rule else new.fill,
        state=SegmentState.COUNTING if is_rule or new.fill is not None else SegmentState.KEPT,
        due_at=now if is_rule or new.fill is not None else None,
        # whoever is put on a list enters it, from the first on
        counted_at=None if is_rule else now,
    )
    session.add(record)
    await session.flush()
    await audit.record(session, actor, "create", "segment", record.id, after=_shown(record))
    return record


async def problems_of(
    session: AsyncSession, new: NewSegment, *, is_new: bool = True
) -> list[Problem]:
    """Everything that keeps a segment from being saved, but that its name is taken."""
    problems = _of_words(new.label, new.label_zh)
    if not NAME.fullmatch(new.name):
        message = "A name is small letters, digits and _, with a letter first, at most 63."
        problems.append(Problem("/name", "bad_name", message))
    is_rule = new.kind is SegmentKind.RULE
    if is_rule and new.rule is None:
        problems.append(Problem("/rule", "missing", "Give the rule of its members."))
    if not is_rule and new.rule is not None:
        problems.append(Problem("/rule", "not_here", "A static list has no rule; use fill."))
    if not is_new and is_rule and not problems:
        record = await existing(session, new.name)
        return await _of_new_rule(session, record, new.rule)
    documents = documents_of(await saved_segments(session))
    for place, document in (("rule", new.rule), ("fill", new.fill)):
        if document is not None:
            known = {**documents, new.name: document} if place == "rule" else documents
            problems += _of_rule(place, document, await _catalogue(session, known))
    return problems


async def edit_segment(
    session: AsyncSession, actor: Actor, name: str, edit: Edit, now: datetime
) -> Segment:
    """Change words or rule. Another rule makes its members, and those of segments that are made of
    it, due to be counted anew; who comes and goes by that enters and leaves.
    """
    allowed(actor, "edit", "segment")
    await hold_shelf(session)
    record = await existing(session, name)
    before = _shown(record)
    label = record.label if edit.label is None else edit.label
    label_zh = record.label_zh if edit.label_zh is None else edit.label_zh
    problems = _of_words(label, label_zh)
    if edit.rule is not None:
        problems += await _of_new_rule(session, record, edit.rule)
    if problems:
        raise Refused(f'The segment "{name}" was not changed.', problems)
    record.label, record.label_zh, record.updated_at = label.strip(), label_zh, now
    record.revision += 1
    if edit.rule is not None and edit.rule != record.rule:
        record.rule, record.state = edit.rule, SegmentState.COUNTING
        record.asked, record.due_at = record.asked + 1, now
        await session.flush()
        await ask_for_recount(session, now, built_on(name, await saved_segments(session)))
    await session.flush()
    await audit.record(session, actor, "edit", "segment", record.id, before, _shown(record))
    return record


async def delete_segment(session: AsyncSession, actor: Actor, name: str) -> None:
    """Remove a segment and its members, silently. Raises Conflict while something uses it."""
    allowed(actor, "delete", "segment")
    await hold_shelf(session)
    record = await existing(session, name)
    if users := await users_of(session, actor, name):
        raise Conflict(f'Segment "{name}" is used by {users.in_words()}. Change those first.')
    await audit.record(session, actor, "delete", "segment", record.id, before=_shown(record))
    await session.delete(record)
    await session.flush()


async def ask_recount(session: AsyncSession, actor: Actor, now: datetime, name: str | None) -> int:
    """Let everybody be asked anew, by one segment or by all; how many segments. Poke afterwards."""
    allowed(actor, "edit", "segment")
    if name is None:
        return await ask_for_recount(session, now)
    record = await existing(session, name)
    if record.kind != SegmentKind.RULE:
        raise Conflict(f'"{name}" is a static list: its members are put in and taken out.')
    return await ask_for_recount(session, now, [name])


async def existing(session: AsyncSession, name: str) -> Segment:
    """The segment, held until the transaction ends. Raises NotFound."""
    record = await segment_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no segment "{name}".')
    return record


def _of_words(label: str, label_zh: str | None) -> list[Problem]:
    problems = []
    for place, text in (("label", label), ("label_zh", label_zh)):
        if text is None:
            continue
        if not text.strip() or len(text) > LONGEST_LABEL:
            message = f"Give it between 1 and {LONGEST_LABEL} characters."
            problems.append(Problem(f"/{place}", "bad_label", message))
        elif _NOT_WORDS.search(text):
            message = "Leave out control characters."
            problems.append(Problem(f"/{place}", "control_character", message))
    return problems


def _of_rule(place: str, document: Any, catalogue: Catalogue) -> list[Problem]:
    try:
        rule = parse(document, catalogue, event_rule=False)
    except RuleRefused as refused:
        return [
            Problem(f"/{place}{problem.pointer}", problem.code, problem.message)
            for problem in refused.problems
        ]
    counted = {need.name for need in rule.reads.events}
    if place == "rule" and counted & {SEGMENT_ENTERED, SEGMENT_LEFT, None}:
        message = (
            "A segment cannot count who entered or left segments, nor events of every name: its "
            "own members would change it for ever. Name the events, or the other segment with "
            "member_of."
        )
        return [Problem(f"/{place}", "counts_segment_events", message)]
    return []


async def _of_new_rule(session: AsyncSession, record: Segment, document: Any) -> list[Problem]:
    """What is wrong with it, and with the segments that would be made of it."""
    if record.kind != SegmentKind.RULE:
        message = "A static list has no rule; its members are put in and taken out."
        return [Problem("/rule", "not_here", message)]
    saved = await saved_segments(session)
    known: Mapping[str, object] = {**documents_of(saved), record.name: document}
    catalogue = await _catalogue(session, known)
    if problems := _of_rule("rule", document, catalogue):
        return problems
    users = built_on(record.name, saved)
    problems = [
        Problem("/rule", "breaks_segment", f'Segment "{one.name}" is made of it: {problem}')
        for one in saved
        if one.name in users
        for problem in _of_rule("rule", one.rule, catalogue)
    ]
    return problems + await _of_models(session, users | {record.name}, catalogue)


async def _of_models(
    session: AsyncSession, names: frozenset[str], catalogue: Catalogue
) -> list[Problem]:
    """Scoring models made of these segments that would read their own scores."""
    found = []
    for model in await saved_models(session):
        if not mentioned(model.document) & names:
            continue
        try:
            circular = circles(compiled(model.document, catalogue))
        except (ModelRefused, RecursionError):
            continue  # its scores stay as they are, whatever becomes of the segment
        if circular:
            message = f'Scoring model "{model.name}" is made of it, and would read itself.'
            found.append(Problem("/rule", "breaks_model", message))
    return found


async def _catalogue(session: AsyncSession, documents: Mapping[str, object]) -> Catalogue:
    return catalogue_with(await custom_fields(session)).with_segments(documents)


def _shown(record: Segment) -> dict[str, Any]:
    return {
        "name": record.name,
        "label": record.label,
        "label_zh": record.label_zh,
        "kind": str(record.kind),
        "rule": record.rule,
    }
