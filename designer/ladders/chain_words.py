"""An approval chain in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator
from designer.ladders.chain_document import way_of
from designer.ladders.desk import Desk
from designer.ladders.span_words import span_words
from designer.rule_builder.saying import said_of
from engine.approvals import ALL_HOURS

AFTER: Final[Mapping[str, str]] = {
    "next_level": N_("the next level is asked"),
    "deputy": N_("their deputies are asked"),
    "manager": N_("their managers are asked"),
    "approve": N_("it counts as approved"),
    "reject": N_("it counts as rejected"),
    "end": N_("it ends undecided"),
}
AT_THE_END: Final[Mapping[str, str]] = {key: AFTER[key] for key in ("approve", "reject", "end")}
NOBODY: Final[Mapping[str, str]] = {
    "manager": N_("the manager above is asked"),
    "skip": N_("the level is passed over"),
    "hold": N_("the request is held where admins see it"),
}
QUORA: Final[Mapping[str, str]] = {
    "any": N_("One yes is enough"),
    "all": N_("All must agree"),
    "n_of": N_("So many must agree"),
    "weighted": N_("Voices have weights"),
}
WAYS: Final[Mapping[str, str]] = {
    "role": N_("Everybody with a role"),
    "team": N_("Everybody in a team"),
    "team_head": N_("The head of a team"),
    "manager_of": N_("A manager"),
    "user": N_("One person"),
    "field": N_("A person named on the record"),
}


def quorum_of(level: Mapping[str, Any]) -> tuple[str, int]:
    """Kind and number; "any" for what cannot be read."""
    match level.get("quorum", "any"):
        case "all":
            return "all", 1
        case {"n_of": int(count)}:
            return "n_of", count
        case {"weighted": {"needed": int(weight)}}:
            return "weighted", weight
    return "any", 1


def quorum_words(kind: str, needed: int, t: Translator) -> str:
    match kind:
        case "all":
            return t("All of them must agree.")
        case "n_of":
            return t("{count} of them must agree.", count=needed)
        case "weighted":
            return t("Those who agree must weigh {count} together.", count=needed)
    return t("One yes is enough.")


def is_working(document: Mapping[str, Any]) -> bool:
    return document.get("calendar") != ALL_HOURS


def approver_words(approver: Mapping[str, Any], desk: Desk) -> str:
    """Who one line asks, with its condition."""
    said = _who(approver, desk)
    t = desk.visitor.t
    if approver.get("when") is not None:
        subject = desk.get(("subject",), "deal")
        rule = said_of(approver["when"], desk.world.catalogue, t, subject=subject)
        said = t("{who}, only if {rule}", who=said, rule=rule or t("a rule holds"))
    if approver.get("veto"):
        said = t("{who} (their no ends it)", who=said)
    return said


def _who(approver: Mapping[str, Any], desk: Desk) -> str:
    t, way = desk.visitor.t, way_of(approver)
    value = approver.get(way)
    match way:
        case "role":
            return t("everybody with the role {role}", role=desk.roles().get(str(value), value))
        case "team":
            return t("everybody in the team {team}", team=value)
        case "team_head" if value == "requester":
            return t("the head of the team of whoever asks")
        case "team_head" if value == "owner":
            return t("the head of the owner's team")
        case "team_head":
            return t("the head of the team {team}", team=value)
        case "manager_of":
            return _manager(value if isinstance(value, Mapping) else {}, t)
        case "user":
            return desk.name_of(str(value))
    if value == "owner":
        return t("the owner of the record")
    return t("whoever stands in the field {field}", field=value)


def _manager(value: Mapping[str, Any], t: Translator) -> str:
    levels = value.get("levels", 1)
    owner = value.get("of") == "owner"
    if levels == 1:
        return t("the owner's manager") if owner else t("the manager of whoever asks")
    if owner:
        return t("the manager {count} levels above the owner", count=levels)
    return t("the manager {count} levels above whoever asks", count=levels)


def level_sentences(level: Mapping[str, Any], desk: Desk) -> list[str]:
    """What happens on this level, in the order in which it happens."""
    t, working = desk.visitor.t, is_working(desk.sheet.document)
    several = len(level.get("approvers") or ()) > 1 or _is_group(level)
    said = []
    if several:
        said.append(quorum_words(*quorum_of(level), t))
    kind, _ = quorum_of(level)
    veto = level.get("veto")
    if several and (veto if veto is not None else kind in ("any", "all")):
        said.append(t("One no ends it."))
    if level.get("remind_every"):
        every = span_words(level["remind_every"], t, working=working)
        said.append(t("They are reminded every {span}.", span=every))
    said += _timeout(level.get("timeout"), t, working=working)
    nobody = str(level.get("nobody", "manager"))
    if nobody in NOBODY:
        said.append(t("If nobody is there: {what}.", what=t(NOBODY[nobody])))
    return said


def _is_group(level: Mapping[str, Any]) -> bool:
    return any(way_of(one) in ("role", "team") for one in level.get("approvers") or ())


def _timeout(timeout: Any, t: Translator, *, working: bool) -> list[str]:
    if not isinstance(timeout, Mapping) or not timeout.get("after"):
        return []
    after = span_words(timeout["after"], t, working=working)
    then, end = str(timeout.get("then", "end")), str(timeout.get("at_the_end", "end"))
    said = [t("After {span} without an answer: {what}.", span=after, what=t(AFTER.get(then, then)))]
    if then not in AT_THE_END:
        said.append(t("If there is nobody further: {what}.", what=t(AFTER.get(end, end))))
    return said
