"""Writing activities down, and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from crm_store.lists import activities as rows
from crm_store.record_owners import Owned, owners_of
from engine.errors import NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed, allowed_some
from engine.services.deals import activities as of_deals
from engine.services.roles.visibility import allowed_on, is_visible
from engine.services.work import Work

ABOUT: Final = ("contact", "account", "deal", "ticket")


@dataclass(frozen=True, slots=True)
class ActivityGiven:
    """About one record: `about` is its kind, `record_id` its number. `due_at` is a task's."""

    kind: str
    subject: str
    about: str
    record_id: int
    body: str = ""
    owner_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActivityChange:
    """By name what is to be another: subject, body, owner_id, due_at, done."""

    values: Mapping[str, Any]


async def add_activity(work: Work, actor: Actor, new: ActivityGiven) -> int:
    """Its number. What is about a deal is a sign of life of it. Raises NotAllowed, NotFound,
    Refused."""
    allowed(actor, "create", "activity")
    if new.about == "deal":
        one = of_deals.NewActivity(new.kind, new.subject, new.body, new.owner_id, new.due_at)
        return await of_deals.add_activity(work, actor, new.record_id, one)
    await _refuse_wrong(work, new.kind, new.subject, new.body, new.owner_id)
    await _seen(work, actor, new)
    by_id = actor.id if actor.kind == "user" else None
    values = {
        "kind": new.kind,
        "subject": new.subject.strip(),
        "body": new.body.strip() or None,
        f"{new.about}_id": new.record_id,
        "owner_id": new.owner_id if new.owner_id is not None else by_id,
        "due_at": new.due_at if new.kind == "task" else None,
        "created_at": work.now,
    }
    made = await rows.add_activity_row(work.session, values)
    after = {"kind": new.kind, f"{new.about}_id": new.record_id}
    await audit.record(work.session, actor, "create", "activity", made, after=after)
    return made


async def change_activity(
    work: Work, actor: Actor, activity_id: int, change: ActivityChange
) -> None:
    """Raises NotAllowed, NotFound, Refused."""
    allowed_some(actor, "edit", "activity")
    row = await rows.activity_row(work.session, activity_id, lock=True)
    if row is None:
        raise NotFound(f"There is no activity {activity_id}.")
    allowed_on(actor, "edit", "activity", row.owner_id, activity_id)
    given = dict(change.values)
    subject, body = given.get("subject", row.subject), given.get("body", row.body or "") or ""
    await _refuse_wrong(work, row.kind, subject, body, given.get("owner_id"))
    if "done" in given:
        done = bool(given.pop("done"))
        if row.deal_id is not None and row.kind == "task":
            await of_deals.set_task_done(work, actor, row.deal_id, activity_id, done=done)
        elif done != (row.done_at is not None):
            given["done_at"] = work.now if done else None
    if "subject" in given:
        given["subject"] = subject.strip()
    if "body" in given:
        given["body"] = body.strip() or None
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    if changed:
        await rows.change_activity(work.session, activity_id, changed)
        before = {name: _plain(getattr(row, name)) for name in changed}
        after = {name: _plain(value) for name, value in changed.items()}
        await audit.record(work.session, actor, "edit", "activity", activity_id, before, after)


async def _seen(work: Work, actor: Actor, new: ActivityGiven) -> None:
    if new.about not in ABOUT:
        problem = Problem("/about", "unknown", f"choose one of {', '.join(ABOUT)}.")
        raise Refused("Nothing was written down.", [problem])
    about = cast(Owned, new.about)
    allowed_some(actor, "read", about)
    owners = await owners_of(work.session, about, [new.record_id])
    owner = owners.get(new.record_id)
    if new.record_id not in owners or not is_visible(actor, "read", about, owner):
        raise NotFound(f"There is no {new.about} {new.record_id}.")


async def _refuse_wrong(
    work: Work, kind: str, subject: str, body: str, owner_id: int | None
) -> None:
    problems = []
    if kind not in of_deals.KINDS:
        offered = ", ".join(of_deals.KINDS)
        problems.append(Problem("/kind", "unknown", f"choose one of {offered}."))
    if not subject.strip() or len(subject) > of_deals.LONGEST_SUBJECT:
        most = of_deals.LONGEST_SUBJECT
        problems.append(Problem("/subject", "bad_text", f"write 1 to {most} characters."))
    if len(body) > of_deals.LONGEST_BODY:
        most = of_deals.LONGEST_BODY
        problems.append(Problem("/body", "too_long", f"at most {most} characters."))
    if "\0" in subject or "\0" in body:
        problems.append(Problem("/subject", "bad_text", "holds a character that cannot be kept."))
    if owner_id is not None and not (await work.directory()).is_active(owner_id):
        problems.append(Problem("/owner_id", "unknown_owner", "nobody of this number works here."))
    if problems:
        raise Refused("Nothing was written down.", problems)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
