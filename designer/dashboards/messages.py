"""Messages over time, by message, and by link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.components.chart import SHARES, Chart, Series
from designer.message_figures import results_table, tiles
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, empty_state, words
from engine.services.boards import MessageDay
from engine.services.message_results import LinkResult, Result

MOST_LINKS = 12
LONGEST_LINK = 60


@dataclass(frozen=True, slots=True)
class FoundMessages:
    """`total` is None while nothing was sent."""

    total: Result | None
    days: Sequence[MessageDay]
    by_message: Sequence[Result]
    columns: Sequence[str]
    links: Sequence[LinkResult]


def messages_board(found: FoundMessages, visitor: Visitor, more: str) -> None:
    """`more` is where all figures of the same messages are."""
    t = visitor.t
    if found.total is None or not (found.total.figures.sent or found.total.figures.maybe_sent):
        empty_state(
            "insights",
            t("Nothing was sent in this time"),
            t("Take a longer time. Figures appear as soon as messages are sent."),
            link=("/messages", t("Show all messages")),
        )
        return
    tiles(found.total, visitor)
    days = [visitor.formats.day(one.day) for one in found.days]
    with block("cz-dash__half"):
        _volume(found.days, days, visitor)
        _rates(found.days, days, visitor)
    _links(found.links, visitor)
    with card(t("By message"), (more, t("All figures"))):
        results_table(found.by_message, found.columns, visitor)


def _volume(found: Sequence[MessageDay], days: Sequence[str], visitor: Visitor) -> None:
    t = visitor.t
    peak = max(found, key=lambda one: one.sent)
    said = t(
        "Most on {day}: {count}.",
        day=visitor.formats.day(peak.day),
        count=visitor.formats.number(peak.sent),
    )
    Chart(
        t("Sent by day"),
        "bar",
        [Series(t("Sent"), [one.sent for one in found])],
        days,
        t=t,
        axis=t("Day"),
        said=said,
        file_name="sent-by-day",
    )


def _rates(found: Sequence[MessageDay], days: Sequence[str], visitor: Visitor) -> None:
    t = visitor.t
    Chart(
        t("Opened and clicked, of what was sent that day"),
        "line",
        [
            Series(t("Opened"), [_share(one.opened, one.sent) for one in found]),
            Series(t("Clicked"), [_share(one.clicked, one.sent) for one in found]),
            Series(
                t("Opened by machines alone"),
                [_share(one.machine_opened, one.sent) for one in found],
                "pale",
            ),
            Series(t("Came back"), [_share(one.bounced, one.sent) for one in found]),
        ],
        days,
        t=t,
        unit=SHARES,
        axis=t("Day"),
        said=t("A day without messages has no point."),
        empty=t("Nobody has opened or clicked anything yet."),
        file_name="rates-by-day",
    )


def _links(found: Sequence[LinkResult], visitor: Visitor) -> None:
    t = visitor.t
    shown = [one for one in found if one.clicked or one.machines][:MOST_LINKS]
    Chart(
        t("Links people followed"),
        "across",
        [
            Series(t("By people"), [one.clicked for one in shown]),
            Series(t("Only scanners"), [one.machines for one in shown], "pale"),
        ],
        [_short(one.link) for one in shown],
        t=t,
        axis=t("Link"),
        empty=t("Nobody has followed a link yet."),
        file_name="links",
    )
    if len(found) > MOST_LINKS:
        words(t("The {count} most followed are shown.", count=MOST_LINKS), "cz-soft cz-small")


def more_link(flow: str | None, visitor: Visitor) -> None:
    button_link(
        f"/message-results?flow={flow}" if flow else "/message-results",
        visitor.t("Message results"),
        "insights",
    )


def _short(link: str) -> str:
    bare = link.removeprefix("https://").removeprefix("http://")
    return bare if len(bare) <= LONGEST_LINK else f"{bare[: LONGEST_LINK - 1]}…"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
