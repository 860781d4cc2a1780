"""What those concerned are told of a handover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm_store.models import Handover
from engine.assignment.handing_over import Handed
from engine.people import Directory
from engine.services.handover.hand import Back
from engine.services.telling import Telling, tell
from engine.services.work import Work
from engine.steps.words import Words

_SAID: Final[Mapping[Handed, tuple[str, str, str]]] = {
    Handed.CONTACT: ("contact", "contacts", "位联系人"),
    Handed.DEAL: ("deal", "deals", "个商机"),
    Handed.TICKET: ("ticket", "tickets", "个工单"),
    Handed.TASK: ("task", "tasks", "个任务"),
    Handed.APPROVAL: ("approval", "approvals", "项审批"),
    Handed.CASE: ("escalation", "escalations", "个升级事件"),
}


async def tell_given(work: Work, handover: Handover) -> None:
    """The takers what they have now, and the person whose work it was where it went."""
    people = await work.directory()
    whose, day = _name(people, handover.from_user_id), _day(handover)
    tellings = []
    for taker, counts in sorted(_by_taker(handover.given).items()):
        what = counted(counts)
        tellings.append(
            _telling(
                *(handover, taker, "given"),
                Words(f"You have taken over from {whose}", f"您已接手 {whose} 的工作"),
                Words(f"{what.en}.{day.en}", f"{what.zh}。{day.zh}"),
            )
        )
    where = _where(handover.given, people)
    title = Words("Your work was handed over", "您的工作已移交")
    tellings.append(_telling(handover, handover.from_user_id, "given", title, where))
    await tell(work, tellings)


async def tell_returned(work: Work, handover: Handover) -> None:
    people = await work.directory()
    whose = _name(people, handover.from_user_id)
    back = {kind: counts.get(Back.RETURNED, 0) for kind, counts in handover.returned.items()}
    stayed = sum(sum(counts.values()) for counts in handover.returned.values()) - sum(back.values())
    what = counted(back)
    rest = Words(
        f" {stayed} were closed, passed on or removed meanwhile and stay as they are.",
        f" 另有 {stayed} 项已关闭、转交或删除，保持不变。",
    )
    body = Words(
        f"{what.en}.{rest.en if stayed else ''}", f"{what.zh}。{rest.zh if stayed else ''}"
    )
    title = Words("Your work came back to you", "您的工作已归还")
    tellings = [_telling(handover, handover.from_user_id, "returned", title, body)]
    for taker in sorted(_by_taker(handover.given)):
        title = Words(f"You have given back to {whose}", f"您已将工作归还 {whose}")
        tellings.append(_telling(handover, taker, "returned", title, body))
    await tell(work, tellings)


async def tell_not_returned(work: Work, handover: Handover) -> None:
    """Whoever asked for it, else those who lead people."""
    people = await work.directory()
    whose = _name(people, handover.from_user_id)
    asked = handover.created_by
    concerned = (asked,) if asked is not None else people.with_role("sales_manager")
    title = Words("A handover was not given back", "移交未归还")
    body = Words(
        f"{whose} does not work here any more, so the takers keep what they have.",
        f"{whose} 已离职，接手人保留现有工作。",
    )
    tellings = [_telling(handover, one, "stays", title, body) for one in concerned]
    await tell(work, tellings)


def counted(counts: Mapping[str, int]) -> Words:
    """Such as "3 contacts, 1 deal"."""
    en, zh = [], []
    for kind in Handed:
        count = counts.get(kind.value, 0)
        if count:
            one, many, said = _SAID[kind]
            en.append(f"{count} {one if count == 1 else many}")
            zh.append(f"{count} {said}")
    return Words(", ".join(en) or "nothing", "、".join(zh) or "无")


def _by_taker(given: Mapping[str, Any]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for kind, counts in given.items():
        for taker, count in counts.items():
            found.setdefault(int(taker), {})[kind] = count
    return found


def _where(given: Mapping[str, Any], people: Directory) -> Words:
    by_taker = _by_taker(given)
    if not by_taker:
        return Words("There was nothing to hand over.", "没有可移交的工作。")
    parts = [(_name(people, taker), counted(counts)) for taker, counts in sorted(by_taker.items())]
    return Words(
        ". ".join(f"{name}: {what.en}" for name, what in parts) + ".",
        "；".join(f"{name}：{what.zh}" for name, what in parts) + "。",
    )


def _day(handover: Handover) -> Words:
    if handover.return_at is None:
        return Words("", "")
    day = handover.return_at.date().isoformat()
    return Words(
        f" What you still have goes back about {day}.", f" 您仍持有的部分约于 {day} 归还。"
    )


def _name(people: Directory, user_id: int) -> str:
    person = people.people.get(user_id)
    return person.name if person is not None else str(user_id)


def _telling(handover: Handover, user_id: int, what: str, title: Words, body: Words) -> Telling:
    key = f"handover:{handover.id}:{what}"
    return Telling(key, user_id, "handover", title, body, "handover", handover.id)
