"""What one was told oneself: the list with what is not read yet, and how one wants to be told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.case_words import URGENCIES
from designer.components.filter_tabs import address, filter_tabs
from designer.i18n import N_, Translator
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import term, toned
from designer.visitor import Visitor
from designer.widgets import (
    anchor,
    ask_to_sign_in,
    block,
    button_link,
    card,
    chip,
    empty_state,
    facts,
    words,
)
from engine.errors import CadenzaError, NotSignedIn
from engine.services.notices import ShownNotice, list_notices, read_notices
from engine.services.telling import (
    NOWHERE,
    NoticeWay,
    Urgency,
    channel_names,
    list_ways,
    set_ways,
)

ROOM: Final = "/inbox"
TAB: Final = "notices"
MOST_SHOWN: Final = 50
_NUMBER_DIGITS: Final = 15
_MAIL: Final = "default"
_CHANNELS: Final[dict[str, str]] = {
    _MAIL: N_("By mail"),
    NOWHERE: N_("Only here, in Cadenza"),
}


async def notices_room(designer: Designer, visitor: Visitor, query: Mapping[str, str]) -> None:
    """The tab's content, built where it is called."""
    t, number = visitor.t, query.get("before", "")
    before = int(number) if number.isdecimal() and len(number) <= _NUMBER_DIGITS else None
    unread = query.get("which") != "all"
    async with designer.transaction() as session:
        found = await list_notices(
            session, visitor.somebody, before=before, unread=unread, limit=MOST_SHOWN + 1
        )
        ways = await list_ways(session, visitor.somebody)
        names = await channel_names(session, visitor.somebody, designer.runtime.channel)
    which = {"tab": TAB, "which": None if unread else "all"}
    choices = [(None, t("Not read yet")), ("all", t("All"))]
    filter_tabs(t("Which notices"), ROOM, which, "which", choices)
    shown = found[:MOST_SHOWN]
    new = [one.id for one in shown if one.read_at is None]
    room = _Room(designer, visitor)
    if new:
        with block("cz-row"):
            # what came meanwhile was not shown and stays as it is
            plain_button(t("Mark all as read"), room.read(new), symbol="done_all").mark("read-all")
    for one in shown:
        _line(one, visitor, room)
    if not found:
        with block("cz-card"):
            text = t(
                "What you are told about deals, cases and requests stands here, mailed or not."
            )
            empty_state("notifications_none", t("Nothing new"), text)
    if len(found) > MOST_SHOWN:
        button_link(address(ROOM, {**which, "before": str(shown[-1].id)}), t("Older ones"))
    _ways(visitor, room, ways, names)


def _line(one: ShownNotice, visitor: Visitor, room: _Room) -> None:
    t = visitor.t
    with block("cz-card", tag="section").mark(f"notice-{one.id}"):
        with block("cz-card__head"):
            words(one.title, "cz-h2", tag="h2")
            if one.urgency in ("high", "urgent"):
                chip(*toned(URGENCIES, one.urgency, t))
            if one.read_at is None:
                chip(t("New"), "accent")
        with block("cz-pad cz-stack cz-tight"):
            for line in filter(None, one.body.splitlines()):
                words(line, tag="p")
            words(visitor.formats.moment(one.created_at), "cz-soft cz-small")
        with block("cz-row cz-pad"):
            if one.path.startswith("/") and not one.path.startswith("//"):
                button_link(one.path, t("Look at it"))
            elif one.contact_id is not None:
                anchor(f"/contacts/{one.contact_id}", t("The contact"), "cz-button")
            if one.read_at is None:
                plain_button(t("Mark as read"), room.read([one.id])).mark(f"read-{one.id}")


def _ways(
    visitor: Visitor,
    room: _Room,
    ways: Mapping[Urgency, Sequence[NoticeWay]],
    names: Sequence[str],
) -> None:
    t = visitor.t
    urgencies = {one.value: t(URGENCIES[one.value][0]) for one in Urgency}
    channels = {**{key: t(said) for key, said in _CHANNELS.items()}, **{n: n for n in names}}
    channels[_MAIL] = t(_CHANNELS[_MAIL])
    with card(t("How I am told")):
        facts([(urgencies[one], _said(ways.get(one, ()), t)) for one in Urgency])
        with block("cz-row cz-pad"):
            urgency = ui.select(urgencies, value=Urgency.NORMAL.value, label=t("Urgency"))
            channel = ui.select(channels, value=_MAIL, label=t("How")).mark("way-channel")
            reached = ui.input(t("Another address or number")).props("maxlength=320")
            reached.mark("way-address")
            problem = words("", "cz-bad")

            async def save() -> None:
                given = str(reached.value or "").strip() or None
                chosen = NoticeWay(str(channel.value), given)
                usual = chosen == NoticeWay(_MAIL)
                try:
                    await room.told(Urgency(urgency.value), [] if usual else [chosen])
                except NotSignedIn:
                    ask_to_sign_in()
                except CadenzaError as error:
                    problem.set_text(all_words(error, t))

            plain_button(t("Save"), save, main=True).mark("save-way")


def _said(ways: Sequence[NoticeWay], t: Translator) -> str:
    said = [
        f"{term(_CHANNELS, one.channel, t) if one.channel in _CHANNELS else one.channel}"
        f"{f': {one.address}' if one.address else ''}"
        for one in ways or [NoticeWay(_MAIL)]
    ]
    return ", ".join(said)


class _Room:
    """What can be done here, each time as whoever is signed in then."""

    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self.designer, self.visitor = designer, visitor

    def read(self, ids: Sequence[int]) -> Callable[[], Awaitable[None]]:
        async def read() -> None:
            try:
                actor = await self.designer.actor(self.visitor.token)
            except NotSignedIn:
                ask_to_sign_in()
                return
            async with self.designer.transaction() as session:
                await read_notices(session, actor, ids, self.designer.now())
            ui.navigate.reload()

        return read

    async def told(self, urgency: Urgency, ways: Sequence[NoticeWay]) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            await set_ways(session, actor, self.designer.runtime.channel, urgency, ways)
        ui.navigate.reload()
