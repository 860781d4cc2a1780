"""What our people are told about requests, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from crm_store.approvals import RequestRow
from engine.machines.approval import State
from engine.machines.approval.state import About
from engine.people import Directory
from engine.steps.words import Words

_RESULTS: Final[Mapping[str, Words]] = {
    "approved": Words("approved", "已批准"),
    "rejected": Words("rejected", "已拒绝"),
    "recalled": Words("recalled", "已撤回"),
    "timed_out": Words("not decided in time", "超时未决"),
    "cancelled": Words("not needed any more", "已取消"),
}
# Why a request ended so, where no person decided it.
_BECAUSE: Final[Mapping[str, Words]] = {
    "timeout": Words("The time to decide is over.", "审批时限已到。"),
    "deadline": Words("The time to decide is over.", "审批时限已到。"),
    "not_resubmitted": Words(
        "It was given back and not submitted again in time.", "退回后未在期限内重新提交。"
    ),
    "requester_left": Words("Whoever asked does not work here any more.", "发起人已不在职。"),
    "nobody": Words("Nobody was left to ask.", "没有可审批的人。"),
}


def told(
    about: About, row: RequestRow, state: State, directory: Directory, comment: str | None
) -> tuple[Words, Words]:
    """Title and body of one notice."""
    title = title_of(row)
    heading = _HEADINGS[about](title)
    lines = [body_of(row), _asked_by(row, directory), _said(comment)]
    if about == "ended":
        result = _RESULTS[state.status]
        heading = Words(f"{title.en}: {result.en}", f"{title.zh}：{result.zh}")
        lines = [
            _by(state, directory),
            _BECAUSE.get(state.why or "", Words("", "")),
            _said(comment),
        ]
    return heading, _joined([Words(f"Request {row.id}", f"审批请求 {row.id}"), *lines])


def title_of(row: RequestRow) -> Words:
    return Words(row.title, row.title_zh or row.title)


def body_of(row: RequestRow) -> Words:
    return Words(row.body, row.body_zh or row.body)


_Heading = Callable[[Words], Words]
_HEADINGS: Final[Mapping[About, _Heading]] = {
    "asked": lambda t: Words(f"Please decide: {t.en}", f"请审批：{t.zh}"),
    "reminded": lambda t: Words(f"Still to be decided: {t.en}", f"仍待审批：{t.zh}"),
    "held": lambda t: Words(f"Nobody can decide: {t.en}", f"无人可审批：{t.zh}"),
    "returned": lambda t: Words(f"Given back to you: {t.en}", f"已退回给您：{t.zh}"),
    "question": lambda t: Words(f"A question about: {t.en}", f"审批人提问：{t.zh}"),
    "answered": lambda t: Words(f"Your question was answered: {t.en}", f"您的提问已答复：{t.zh}"),
    "withdrawn": lambda t: Words(f"No decision needed any more: {t.en}", f"无需再审批：{t.zh}"),
    "ended": lambda t: t,
}


def _asked_by(row: RequestRow, directory: Directory) -> Words:
    person = directory.people.get(row.requester_id or 0)
    return Words(f"For {person.name}.", f"发起人：{person.name}。") if person else Words("", "")


def _by(state: State, directory: Directory) -> Words:
    names = [directory.people[one].name for one in state.by if one in directory.people]
    if not names:
        return Words("", "")
    return Words(f"By {', '.join(names)}.", f"审批人：{'、'.join(names)}。")


def _said(comment: str | None) -> Words:
    return Words(f"“{comment}”", f"“{comment}”") if comment else Words("", "")


def _joined(lines: list[Words]) -> Words:
    return Words(
        "\n\n".join(one.en for one in lines if one.en),
        "\n\n".join(one.zh for one in lines if one.zh),
    )
