"""A flow as the text people edit; `load_flow` reads it back to an equal flow with the same hash."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from engine.flows.model import USUAL_PRIORITY, Entry, EntryPolicy, Flow, StepKind
from engine.flows.scalars import BOOLEAN, INTEGER, NULL, NUMBER
from engine.flows.triggers import Trigger

_LINE_WIDTH = 100
# what YAML, or a person's editor, takes for the end of a line
_LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# what is left of a line behind the name
_ROOM_FOR_A_NODE = 92


class _InLine(dict[str, Any]):
    """A mapping that reads best on one line."""


class _InLineList(list[Any]):
    """A list that reads best on one line."""


class _Writer(yaml.SafeDumper):
    """Quotes exactly the texts that our reading of plain words would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - asked for each value
        return True


def _whole(form: re.Pattern[str]) -> re.Pattern[str]:
    """PyYAML asks with `match`, which is content with a beginning."""
    return re.compile(rf"(?:{form.pattern})\Z")


def _write_in_line(writer: yaml.SafeDumper, value: _InLine | _InLineList) -> yaml.Node:
    if isinstance(value, dict):
        tag = "tag:yaml.org,2002:map"
        return writer.represent_mapping(tag, value.items(), flow_style=True)
    return writer.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


def _write_text(writer: yaml.SafeDumper, value: str) -> yaml.Node:
    """Line ends are escaped: some of them would be read as spaces."""
    style = '"' if _LINE_END.search(value) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)


# A table of its own: the class shares its parent's otherwise.
_Writer.yaml_implicit_resolvers = {}
for _tag, _form in (
    ("tag:yaml.org,2002:null", NULL),
    ("tag:yaml.org,2002:bool", BOOLEAN),
    ("tag:yaml.org,2002:int", INTEGER),
    ("tag:yaml.org,2002:float", NUMBER),
):
    _Writer.add_implicit_resolver(_tag, _whole(_form), None)
_Writer.add_representer(str, _write_text)
_Writer.add_representer(_InLine, _write_in_line)
_Writer.add_representer(_InLineList, _write_in_line)


def dump_flow(flow: Flow, *, kinds: Mapping[str, StepKind]) -> str:
    """YAML, one line a step where it fits; comments of an earlier text are not known here."""
    document: dict[str, Any] = {
        "flow": flow.name,
        "label": flow.label,
        "subject": flow.subject,
        "purpose": flow.purpose.value,
    }
    if flow.consent_note is not None:
        document["consent_note"] = flow.consent_note
    if flow.priority != USUAL_PRIORITY:
        document["priority"] = flow.priority
    document["trigger"] = _trigger(flow.trigger)
    document["entry"] = _entry(flow.entry)
    if flow.exit_when is not None:
        document["exit_when"] = _in_line(flow.exit_when)
    if flow.goal is not None:
        document["goal"] = _in_line(flow.goal.written())
    if flow.holdout_percent:
        document["holdout"] = flow.holdout_percent
    if flow.first != next(iter(flow.nodes), None):
        document["first"] = flow.first
    document["steps"] = {
        name: _node({"do": node.kind, **kinds[node.kind].join_exits(node.settings, node.exits)})
        for name, node in flow.nodes.items()
    }
    return yaml.dump(
        document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH
    )


def dump_written(written: Mapping[str, Any]) -> str:
    """A flow as people write it, right or not, in the same manner; `read_text` reads the same data
    back."""
    document = {
        key: _steps(value) if key == "steps" else _in_line(value) for key, value in written.items()
    }
    trigger = written.get("trigger")
    if isinstance(trigger, Mapping) and "when" in trigger:
        document["trigger"] = {key: _in_line(value) for key, value in trigger.items()}
    return yaml.dump(
        document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH
    )


def _steps(steps: Any) -> Any:
    if not isinstance(steps, Mapping):
        return _in_line(steps)
    return {
        name: _node(dict(raw)) if isinstance(raw, Mapping) else _in_line(raw)
        for name, raw in steps.items()
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    """One line, or a line for each key where a rule would make it long."""
    written = {key: _in_line(value) for key, value in trigger.written().items()}
    return _InLine(written) if trigger.own_rule is None else written


def _entry(entry: Entry) -> Any:
    if entry.at_most is not None:
        return _in_line({entry.policy.value: {"at_most": entry.at_most}})
    if entry.policy in (EntryPolicy.ONCE_PER, EntryPolicy.EVERY):
        return _InLine({entry.policy.value: entry.by})
    return entry.policy.value


def _node(written: dict[str, Any]) -> dict[str, Any]:
    """One line, or a line for each setting and each case where that would be too long."""
    line = json.dumps(written, ensure_ascii=False).replace('"', "")
    if len(line) <= _ROOM_FOR_A_NODE:
        return _InLine(_in_line(written))
    return {
        key: [_in_line(item) for item in value] if isinstance(value, list) else _in_line(value)
        for key, value in written.items()
    }


def _in_line(value: Any) -> Any:
    match value:
        case dict():
            return _InLine({key: _in_line(child) for key, child in value.items()})
        case list() | tuple():
            return _InLineList(_in_line(child) for child in value)
        case _:
            return value
