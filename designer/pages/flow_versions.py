"""The versions of a flow: who is in which, what differs, and people on their way between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.pages.flow_views import never_published
from designer.runtime import Designer
from designer.terms import FITS, MOVE_ANSWERS, MOVE_REASONS, MOVE_STATES, toned
from designer.version_actions import VersionActions
from designer.visitor import Visitor
from designer.widgets import block, card, chip, notice, words
from engine.flows.diff import listed
from engine.flows.migration import Proposal
from engine.services.actor import may
from engine.services.version_moves import Compared, MoveLine, PreviewLine, compared, moves
from engine.services.views.flows import FlowPage, VersionLine


@dataclass(frozen=True, slots=True)
class FoundVersions:
    """What the view shows beside the flow: its moves, and two versions that are compared."""

    moves: tuple[MoveLine, ...]
    pair: tuple[int, int] | None
    compared: Compared | None


async def found_versions(
    designer: Designer, visitor: Visitor, flow: FlowPage, asked: Mapping[str, str]
) -> FoundVersions:
    """The comparison is asked for by `from` and `to` in the address."""
    pair = _pair(flow, asked)
    async with designer.transaction() as session:
        somebody = visitor.somebody
        lines = await moves(session, somebody, flow.name)
        both = await compared(session, somebody, flow.name, *pair) if pair else None
    return FoundVersions(lines, pair, both)


def _pair(flow: FlowPage, asked: Mapping[str, str]) -> tuple[int, int] | None:
    known = {str(version.number): version.number for version in flow.versions}
    old, new = known.get(asked.get("from", "")), known.get(asked.get("to", ""))
    return (old, new) if old is not None and new is not None and old != new else None


def versions_view(
    designer: Designer, visitor: Visitor, flow: FlowPage, found: FoundVersions
) -> None:
    t = visitor.t
    if not flow.versions:
        never_published(flow, visitor)
        return
    actions = VersionActions(designer, visitor, flow.name)
    with block("cz-stack"):
        notice(t("A published version never changes. People finish the version they entered."))
        with block("cz-card"):
            DataTable(t("Versions"), *_versions(flow, visitor))
        if found.compared is not None and found.pair is not None:
            _difference(found.compared, found.pair, flow, visitor)
            _plan(found.compared, found.moves, actions, visitor)
        for move in found.moves:
            _move(move, actions, visitor)


def _versions(flow: FlowPage, visitor: Visitor) -> tuple[list[Column], list[Row]]:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Version")),
        Column(t("Published")),
        Column(t("By")),
        Column(t("People in it now"), "right"),
        Column(t("Compare")),
    ]
    rows = [
        Row(
            (
                Cell(
                    t("Version {number}", number=version.number),
                    sub=_standing(flow, version, visitor),
                ),
                Cell(formats.moment(version.published_at)),
                Cell(version.published_by or "Cadenza"),
                Cell(formats.number(version.here)),
                _compare(flow, version, visitor),
            )
        )
        for version in flow.versions
    ]
    return columns, rows


def _standing(flow: FlowPage, version: VersionLine, visitor: Visitor) -> str:
    if not version.is_current:
        return ""
    if flow.state == "retired":
        return visitor.t("Nobody enters any more")
    return visitor.t("New people enter this one")


def _compare(flow: FlowPage, version: VersionLine, visitor: Visitor) -> Cell:
    """With the published version; that one with the version before it."""
    t, numbers = visitor.t, [one.number for one in flow.versions]
    other = flow.version
    if version.is_current or other is None:
        earlier = [number for number in numbers if number < version.number]
        if not earlier:
            return Cell("")
        pair = (max(earlier), version.number)
    else:
        pair = (version.number, other)
    address = f"/flows/{flow.name}?view=versions&from={pair[0]}&to={pair[1]}"
    return Cell(t("{old} with {new}", old=pair[0], new=pair[1]), address)


def _difference(both: Compared, pair: tuple[int, int], flow: FlowPage, visitor: Visitor) -> None:
    t = visitor.t
    columns = [
        Column(t("What"), wraps=True),
        Column(t("Version {number}", number=pair[0]), wraps=True),
        Column(t("Version {number}", number=pair[1]), wraps=True),
    ]
    rows = [
        Row((Cell(line.what), Cell(line.before), Cell(line.after)))
        for line in listed(both.diff, flow.catalogue, t.short)
    ]
    with card(t("What differs")):
        if rows:
            DataTable(t("What differs"), columns, rows)
        else:
            words(t("Nothing."), "cz-soft cz-pad")


def _plan(
    both: Compared, under_way: tuple[MoveLine, ...], actions: VersionActions, visitor: Visitor
) -> None:
    """What is proposed for the people on each step, with counts; the whole can be carried out."""
    t = visitor.t
    reasons = {one.node: one for one in both.proposals}
    columns = [
        Column(t("Step")),
        Column(t("People"), "right"),
        Column(t("What becomes of them"), wraps=True),
        Column(t("Why"), wraps=True),
    ]
    rows = [_plan_row(line, reasons.get(line.node), visitor) for line in both.preview.lines]
    with card(
        t(
            "Move people from version {old} to {new}",
            old=both.plan.from_number,
            new=both.plan.to_number,
        )
    ):
        DataTable(t("Plan"), columns, rows)
        is_free = not any(move.state in ("running", "paused", "undoing") for move in under_way)
        if both.preview.moving and is_free and may(visitor.somebody, "publish", "flow"):
            with block("cz-row cz-pad"):
                actions.start_button(both.plan, both.preview.moving)
                words(t("Edit the plan as a file with `cadenza flow move`."), "cz-soft cz-small")


def _plan_row(line: PreviewLine, proposal: Proposal | None, visitor: Visitor) -> Row:
    t, number = visitor.t, visitor.formats.number
    answer = t(MOVE_ANSWERS[line.answer.deed])
    if line.answer.to is not None:
        answer = t("Go to “{step}”", step=line.answer.to)
    fit = t(FITS[line.fit]) if line.fit is not None and line.moving else ""
    waiting = t.n(
        "{count} waits for an answer and moves after it",
        "{count} wait for an answer and move after it",
        line.asking,
    )
    why = t(MOVE_REASONS[proposal.why]) if proposal is not None else ""
    again = ", ".join(proposal.again) if proposal is not None else ""
    return Row(
        (
            Cell(line.node),
            Cell(number(line.people)),
            Cell(answer, sub=waiting if line.asking else fit),
            Cell(why, sub=again),
        )
    )


def _move(move: MoveLine, actions: VersionActions, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    text, tone = toned(MOVE_STATES, move.state, t)
    title = t("Version {old} to {new}", old=move.from_number, new=move.to_number)
    told = t(
        "{moved} moved, {waiting} waited for, {returned} came back, {moved_on} had moved on.",
        moved=formats.number(move.moved),
        waiting=formats.number(move.waiting),
        returned=formats.number(move.returned),
        moved_on=formats.number(move.moved_on),
    )
    with card(title), block("cz-row cz-pad").mark(f"move-{move.id}"):
        chip(text, tone)
        words(formats.moment(move.created_at), "cz-soft cz-small")
        if move.percent < 100:
            words(t("{percent} percent of the people", percent=move.percent), "cz-small")
        words(told)
        if may(visitor.somebody, "publish", "flow"):
            actions.steering(move)
