"""What a run did and why, in words. Pure: journal entries in, lines out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from designer.flow_graph import exit_label, kind_label, step_of, title_of
from designer.formats import Formats
from designer.i18n import Translator
from designer.rule_words import because, in_words
from designer.terms import DECISIONS, HOLDS, OUTCOMES, reason, term
from designer.tone import Tone
from designer.waits import title_of_wait, why_it_waits
from engine.flows.model import Node
from engine.services.views.runs import MadeTask, MessageWait, RunPage, SentMessage

Entry: TypeAlias = Mapping[str, Any]

# Holds whose message says more than their code.
_TOLD_IN_FULL: Final = (
    *("message_cannot_be_made", "task_text_failed", "record_text_failed", "call_cannot_be_made"),
    "cannot_compute",
)
# These only announce what the next entry of the same step tells in full.
_ANNOUNCING: Final = frozenset({"asked", "answered", "woken"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `node` is where, None for entering; `links` lead to what it made."""

    at: datetime
    icon: str
    tone: Tone
    title: str
    why: tuple[str, ...] = ()
    node: str | None = None
    links: tuple[tuple[str, str], ...] = ()


def told_entries(entries: Sequence[Entry]) -> list[int]:
    """The places of those that get a line: all but what the next one tells in full."""
    return [
        place
        for place, entry in enumerate(entries)
        if entry["what"] not in _ANNOUNCING
        or place + 1 >= len(entries)
        or entries[place + 1]["node"] != entry["node"]
    ]


@dataclass(slots=True)
class Teller:
    """Tells one run's story. `zone` is the contact's wall clock."""

    run: RunPage
    t: Translator
    formats: Formats
    zone: str
    _messages: dict[tuple[str, int], SentMessage] = field(init=False)
    _tasks: list[MadeTask] = field(init=False)

    def __post_init__(self) -> None:
        self._messages = {(one.node, one.visit): one for one in self.run.messages}
        self._tasks = list(self.run.tasks)

    def lines(self) -> list[Line]:
        entries = self.run.entries
        told = [self._line(entries[place]) for place in told_entries(entries)]
        told += [self._waits(one) for one in self.run.waits]
        return sorted(told, key=lambda line: line.at) if self.run.waits else told

    def _waits(self, wait: MessageWait) -> Line:
        def when(instant: datetime) -> str:
            return self.formats.weekday_moment(instant, self.zone)

        why = (why_it_waits(wait, self.t), self._whose_clock(wait.until.isoformat()))
        told = tuple(one for one in why if one)
        title = title_of_wait(wait, self.t, when)
        return Line(wait.at, "bedtime", "plain", title, told, wait.node)

    def _line(self, entry: Entry) -> Line:
        tell: Callable[[Entry], Line] = {
            "entered": self._entered,
            "moved": self._moved,
            "waiting": self._waiting,
            "asked": self._asked,
            "answered": self._answered,
            "woken": self._woken,
            "held": self._held,
            "ended": self._ended,
            "changed": self._changed,
            "mended": self._mended,
            "version_moved": self._version_moved,
            "version_move_undone": self._version_moved,
        }.get(entry["what"], self._other)
        return tell(entry)

    def _node(self, entry: Entry) -> Node | None:
        return self.run.flow.nodes.get(entry["node"])

    def _make(
        self,
        entry: Entry,
        icon: str,
        tone: Tone,
        title: str,
        why: Sequence[str] = (),
        links: Sequence[tuple[str, str]] = (),
    ) -> Line:
        at = datetime.fromisoformat(entry["at"])
        told = tuple(one for one in why if one)
        return Line(at, icon, tone, title, told, entry["node"], tuple(links))

    def _when(self, iso: str | None) -> str:
        """An instant on the wall clock where the contact lives."""
        if not iso:
            return ""
        return self.formats.weekday_moment(datetime.fromisoformat(iso), self.zone)

    def _whose_clock(self, iso: str | None) -> str:
        """Says so when that clock shows another time than the reader's."""
        if not iso:
            return ""
        instant = datetime.fromisoformat(iso)
        here = self.formats.weekday_moment(instant)
        if here == self.formats.weekday_moment(instant, self.zone):
            return ""
        return self.t("on the contact's clock ({zone}); {here} on yours", zone=self.zone, here=here)

    def _because(self, rule: Any, verdict: Any, *, event: bool = False) -> str:
        zone = self.formats.zone
        return because(rule, verdict, self.run.catalogue, self.t, event_rule=event, zone=zone)

    def _waited_for_because(self, entry: Entry) -> str:
        node, why = self._node(entry), entry.get("why") or {}
        rule = node.settings.get("when") if node else None
        return self._because(rule, why.get("rule"), event=True)

    def _entered(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        event = self.run.event
        match why.get("by"):
            case "event":
                name = str(why.get("event") or (event.name if event else ""))
                sentence = t("because “{event}” happened", event=name)
                if event is not None:
                    at = self.formats.moment(event.occurred_at)
                    sentence = t("because “{event}” happened on {at}", event=name, at=at)
            case "audience":
                sentence = t("because the contact matched the flow's rule when it was published")
            case "by_hand" | "hand" | "api":
                sentence = t("because somebody added the contact")
            case "flow":
                sentence = t("because the flow “{flow}” started it", flow=str(why.get("flow", "")))
            case _:
                sentence = ""
        trigger = self.run.flow.trigger
        by_event = trigger.reads_event
        rule = self._because(trigger.own_rule, why.get("rule"), event=by_event) or in_words(
            trigger.own_rule, self.run.catalogue, t, event_rule=by_event
        )
        told = (sentence, rule)
        return self._make(entry, "login", "accent", t("Entered the flow"), told)

    def _moved(self, entry: Entry) -> Line:
        node = self._node(entry)
        tell = {
            "send_message": self._sent,
            "wait": self._waited,
            "wait_for": self._heard,
            "branch": self._branched,
            "split": self._split,
            "create_task": self._tasked,
            "update_record": self._updated,
            "adjust_score": self._updated,
        }.get(node.kind if node else "", self._left)
        return tell(entry, node)

    def _sent(self, entry: Entry, _: Node | None) -> Line:
        t, why = self.t, entry.get("why") or {}
        message = self._messages.get((entry["node"], entry.get("visit", 1)))
        to = message.address if message and message.address else self.run.email or ""
        links = self._message_link(message, why)
        told = reason(why.get("reason") or (message.reason if message else None), t)
        match entry.get("exit"):
            case "sent" if why.get("outcome") == "maybe_done" or why.get("maybe"):
                title = t("A message may have been sent to {address}", address=to)
                unsure = t(
                    "The answer of the mail server was lost, and it cannot be asked. It counts as "
                    "sent, so that nobody gets it twice."
                )
                return self._make(entry, "help_outline", "warn", title, (unsure, told), links)
            case "sent":
                subject = (
                    t("Subject: {subject}", subject=message.subject)
                    if (message and message.subject)
                    else ""
                )
                title = t("Message sent to {address}", address=to)
                return self._make(entry, "mark_email_read", "good", title, (subject,), links)
            case "withheld":
                title = t("Message withheld")
                return self._make(entry, "block", "warn", title, (told,), links)
            case _:
                title = t("Message could not be delivered")
                return self._make(entry, "unsubscribe", "bad", title, (told,), links)

    def _message_link(
        self, message: SentMessage | None, why: Mapping[str, Any]
    ) -> tuple[tuple[str, str], ...]:
        number = message.id if message else why.get("message_id")
        return ((f"/messages/{int(number)}", self.t("Open the message")),) if number else ()

    def _waited(self, entry: Entry, _: Node | None) -> Line:
        return self._make(entry, "hourglass_bottom", "good", self.t("The wait was over"))

    def _heard(self, entry: Entry, _: Node | None) -> Line:
        t, why = self.t, entry.get("why") or {}
        name = str(why.get("event", ""))
        if entry.get("exit") == "happened":
            title = t("“{event}” happened", event=name)
            told = (self._waited_for_because(entry),)
            return self._make(entry, "notifications_active", "good", title, told)
        title = t("“{event}” did not happen in time", event=name)
        until = t("Waited until {when}.", when=self._when(why.get("until")))
        return self._make(entry, "notifications_off", "plain", title, (until,))

    def _branched(self, entry: Entry, node: Node | None) -> Line:
        t, why = self.t, entry.get("why") or {}
        taken = exit_label(node, entry["exit"], t) if node else entry["exit"]
        told = []
        rules = (node.settings.get("cases") or ()) if node else ()
        for number, case in enumerate(why.get("cases") or (), 1):
            label = case.get("label") or t("case {number}", number=number)
            rule = rules[number - 1].get("when") if number <= len(rules) else None
            sentence = self._because(rule, case.get("rule"))
            if case.get("held"):
                held = t("“{case}” held", case=label)
            else:
                held = t("“{case}” did not hold", case=label)
            told.append(t("{first}, {second}", first=held, second=sentence) if sentence else held)
        return self._make(
            entry, "call_split", "good", t("Took the way “{label}”", label=taken), told
        )

    def _split(self, entry: Entry, node: Node | None) -> Line:
        t = self.t
        label = exit_label(node, entry["exit"], t) if node else entry["exit"]
        told = t("By chance; the same contact always falls into the same arm of this step.")
        return self._make(
            entry, "alt_route", "good", t("Took the way “{label}”", label=label), (told,)
        )

    def _tasked(self, entry: Entry, _: Node | None) -> Line:
        t, why = self.t, entry.get("why") or {}
        task = self._tasks.pop(0) if self._tasks else None
        due = why.get("due_at")
        told = t("Due {when}.", when=self._when(due)) if due else ""
        subject = t("“{subject}”", subject=task.subject) if task else ""
        links = ((f"/contacts/{self.run.contact_id}#activities", t("Open the task")),)
        return self._make(entry, "task_alt", "good", t("Task created"), (subject, told), links)

    def _updated(self, entry: Entry, node: Node | None) -> Line:
        step = step_of(node) if node else None
        told = (step.summary().in_language(self.t.short),) if step else ()
        links = ((f"/contacts/{self.run.contact_id}", self.t("Open the contact")),)
        return self._make(entry, "edit_note", "good", self.t("Contact updated"), told, links)

    def _left(self, entry: Entry, node: Node | None) -> Line:
        t = self.t
        name = kind_label(node, t) if node else title_of(entry["node"])
        label = exit_label(node, entry["exit"], t) if node else entry["exit"]
        told = reason((entry.get("why") or {}).get("reason"), t)
        return self._make(entry, "arrow_forward", "good", f"{name}: {label}", (told,))

    def _waiting(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        until, listens = entry.get("until"), entry.get("listens") or ()
        if why.get("put_off_until"):
            title = t("Put off until {when}", when=self._when(until))
            return self._make(entry, "update", "plain", title, (reason(why.get("reason"), t),))
        if why.get("held") is False:
            name = str(why.get("event", ""))
            title = t("“{event}” happened but did not fit the rule; still waiting", event=name)
            return self._make(
                entry, "notifications_paused", "plain", title, (self._waited_for_because(entry),)
            )
        if why.get("round"):
            title = t("Round {number} of {most}", number=why["round"], most=why.get("at_most"))
            return self._make(entry, "replay", "plain", title)
        # whoever waits for a date also listens for its change, which is no news
        if listens and not why.get("date"):
            title = t("Waiting for “{event}”", event=", ".join(listens))
            told = t("At most until {when}.", when=self._when(until)) if until else ""
            clock = self._whose_clock(until)
            return self._make(entry, "hearing", "accent", title, (told, clock))
        if until:
            title = t("Waiting until {when}", when=self._when(until))
            return self._make(entry, "hourglass_top", "accent", title, (self._whose_clock(until),))
        return self._make(entry, "hourglass_top", "accent", t("Waiting"))

    def _asked(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        if why.get("template"):
            title = t("Asked to send “{template}”", template=why["template"])
        else:
            node = self._node(entry)
            effect = kind_label(node, t) if node else entry.get("effect", "")
            title = t("Asked for “{effect}”", effect=effect)
        return self._make(entry, "outgoing_mail", "plain", title)

    def _answered(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        return self._make(
            entry, "reply", "plain", t("The answer came"), (reason(why.get("reason"), t),)
        )

    def _woken(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        title = t("“{event}” happened", event=str(why.get("event", "")))
        return self._make(entry, "notifications_active", "plain", title)

    def _held(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        code, message = str(why.get("code", "")), str(why.get("message", ""))
        told = [term(HOLDS, code, t)] if code in HOLDS else []
        if message and (not told or code in _TOLD_IN_FULL):
            told.append(message)
        return self._make(entry, "pan_tool", "warn", t("Held: somebody must decide"), told)

    def _ended(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        outcome = str(entry.get("outcome", ""))
        if outcome == "exit_rule":
            told = self._because(self.run.flow.exit_when, why.get("rule"))
            told = told or t("The exit rule of the flow held.")
            return self._make(entry, "logout", "plain", t("Left early"), (told,))
        told = t("Outcome: {outcome}", outcome=term(OUTCOMES, outcome, t))
        return self._make(entry, "flag", "good", t("Reached the end"), (told,))

    def _mended(self, entry: Entry) -> Line:
        t, why = self.t, entry.get("why") or {}
        title = t("{person} decided", person=str(why.get("by", "")))
        told = term(DECISIONS, str(why.get("how", "")), t)
        return self._make(entry, "person_check", "accent", title, (told,))

    def _version_moved(self, entry: Entry) -> Line:
        t, undone = self.t, entry["what"] == "version_move_undone"
        numbers = {"old": entry["from_version"], "new": entry["to_version"]}
        if undone:
            title = t("Brought back from version {old} to {new}", **numbers)
        else:
            title = t("Moved from version {old} to {new}", **numbers)
        was = entry.get("was")
        told = t("From “{step}”", step=title_of(was)) if was else ""
        until = entry.get("until")
        wait = t("Waiting until {when}", when=self._when(until)) if until else ""
        symbol = "undo" if undone else "move_up"
        return self._make(entry, symbol, "accent", title, (told, wait))

    def _changed(self, entry: Entry) -> Line:
        return self._make(entry, "edit_note", "plain", self.t("Changed"))

    def _other(self, entry: Entry) -> Line:
        return self._make(entry, "circle", "plain", str(entry["what"]))
