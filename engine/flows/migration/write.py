"""A plan as the file people edit, with what speaks for each answer beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.flows.migration.answers import Answer, Deed
from engine.flows.migration.check import Standings
from engine.flows.migration.fit import Why
from engine.flows.migration.proposal import Proposal
from engine.flows.scalars import plain_value
from engine.flows.words import Words

_HEAD: Final = """\
# What becomes of the people inside version {old} of {flow}. For each node of that version:
#   stay         they stand on the node of the same name in version {new}
#   {{to: NODE}}   they go to another node of version {new} and begin there
#   restart      they begin version {new} from its first node
#   exit         they leave the flow
#   leave        they stay on version {old} and finish it
flow: {flow}
from: {old}
to: {new}
nodes:
"""
WHY_WORDS: Final[Mapping[Why, Words]] = {
    Why.UNCHANGED: Words("unchanged, a wait goes on as it is", "未改动，等待照常继续"),
    Why.SETTINGS: Words(
        "changed settings, a wait is counted again from when it began",
        "设置已改，等待从开始时重新计算",
    ),
    Why.RENAMED: Words("another name, the same content", "名称改变，内容相同"),
    Why.KIND: Words(
        "does something else now; with stay it is entered anew",
        "步骤类型已改；选择 stay 则重新进入",
    ),
    Why.REMOVED: Words("not in the new version", "新版本中没有该节点"),
    Why.AGAIN: Words("would do again", "会重复执行"),
}


def dump_plan(
    flow: str,
    from_number: int,
    to_number: int,
    proposals: Iterable[Proposal],
    standing: Standings,
) -> str:
    """YAML that `read_plan` reads back to the proposals."""
    lines = [
        f"  {one.node}: {_written(one.answer)}  # {_remark(one, standing.get(one.node, 0))}"
        for one in proposals
    ]
    head = _HEAD.format(flow=_quoted(flow), old=from_number, new=to_number)
    return head + "\n".join(lines) + "\n"


def _written(answer: Answer) -> str:
    return f"{{to: {_quoted(answer.to or '')}}}" if answer.deed is Deed.TO else answer.deed.value


def _quoted(name: str) -> str:
    """A name that would be read as something else, such as a node called "null"."""
    return name if plain_value(name) == name else f'"{name}"'


def _remark(one: Proposal, people: int) -> str:
    why = WHY_WORDS[one.why].en
    if one.again:
        why = f"{why}: {', '.join(one.again)}"
    return f"{people} here; {why}"
