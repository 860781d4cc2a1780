"""Send volume against caps, rates and warm-up plans, and what had to wait for them."""

from __future__ import annotations

from designer.components.chart import Chart, Series
from designer.i18n.translator import N_
from designer.visitor import Visitor
from designer.widgets import block, button_link, card, empty_state, facts, words
from engine.services.boards import SendVolume, Stretch

_REASONS = {
    "quiet_hours": N_("Quiet hours"),
    "sending_hours": N_("Outside the sending hours"),
    "holiday": N_("Public holiday"),
    "cap_per_day": N_("Cap of the day"),
    "cap_per_week": N_("Cap of the week"),
    "cap_per_month": N_("Cap of the month"),
    "wished_per_day": N_("The person wants fewer a day"),
    "wished_per_week": N_("The person wants fewer a week"),
    "wished_per_month": N_("The person wants fewer a month"),
    "outranked": N_("A more important flow went first"),
    "sender_paused": N_("The sender is paused"),
    "channel_paused": N_("The channel is paused"),
    "rate": N_("The rate of the channel"),
    "warm_up": N_("The warm-up plan"),
}
_MOST_BARS = 8


def volume_board(found: SendVolume, stretch: Stretch, visitor: Visitor) -> None:
    t = visitor.t
    if not found.channels:
        empty_state(
            "speed",
            t("Nothing was sent in this time"),
            t("Messages are counted here by day and channel, beside what is allowed."),
            link=("/send-calendar", t("Send calendar")),
        )
        return
    _days(found, stretch, visitor)
    with block("cz-dash__half"):
        _crowding(found, visitor)
        _waits(found, visitor)
    _rates(found, visitor)


def _days(found: SendVolume, stretch: Stretch, visitor: Visitor) -> None:
    t = visitor.t
    days = list(stretch.days())
    series = [
        Series(channel, [found.days.get((channel, day), 0) for day in days])
        for channel in found.channels
    ]
    planned = {channel for channel, _ in found.allowed if channel in found.channels}
    series += [
        Series(
            t("{channel}: most by its warm-up plan", channel=channel),
            [found.allowed.get((channel, day)) for day in days],
            "limit",
        )
        for channel in sorted(planned)
    ]
    total = sum(found.days.values())
    Chart(
        t("Messages by day and channel"),
        "stacked",
        series,
        [visitor.formats.day(day) for day in days],
        t=t,
        axis=t("Day (UTC)"),
        said=t("{count} in all.", count=visitor.formats.number(total)),
        file_name="send-volume",
    )


def _crowding(found: SendVolume, visitor: Visitor) -> None:
    t = visitor.t
    shown = found.crowding[:_MOST_BARS]
    if found.per_day is None:
        said = t("The sending policy has no daily cap.")
    elif found.over_cap:
        said = t(
            "The daily cap is {cap} now; on {count} days of people there were more, from before it "
            "or by messages it is not about.",
            cap=found.per_day,
            count=visitor.formats.number(found.over_cap),
        )
    else:
        said = t("The daily cap is {cap}; nobody got more.", cap=found.per_day)
    Chart(
        t("Marketing messages to one person on one day"),
        "bar",
        [Series(t("How often"), [times for _, times in shown])],
        [str(messages) for messages, _ in shown],
        t=t,
        axis=t("Messages on the day"),
        said=said,
        empty=t("No marketing was sent in this time."),
        file_name="crowding",
        height=240,
    )


def _waits(found: SendVolume, visitor: Visitor) -> None:
    t = visitor.t
    shown = found.waits[:_MOST_BARS]
    Chart(
        t("Why messages had to wait"),
        "across",
        [Series(t("Messages"), [count for _, count in shown])],
        [t(_REASONS[code]) if code in _REASONS else code for code, _ in shown],
        t=t,
        axis=t("Reason"),
        empty=t("No message had to wait in this time."),
        file_name="waits",
        height=240,
    )


def _rates(found: SendVolume, visitor: Visitor) -> None:
    t = visitor.t
    with card(t("Rates")):
        pairs = [
            (one.channel, t("{rate} a second at most", rate=f"{one.per_second:g}"))
            for one in found.rates
        ]
        busiest = t("{count} in the busiest second", count=found.busiest_second)
        facts([(t("Really sent"), busiest), *pairs])
        if not pairs:
            words(t("No channel has a rate of its own."), "cz-soft cz-small cz-pad", tag="p")
        with block("cz-row cz-pad"):
            button_link("/send-calendar", t("Send calendar"), "calendar_month")
