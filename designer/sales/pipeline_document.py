"""What may be done to the document of a pipeline while it is drawn; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from designer.ladders.sheet import inserted, moved, value_at, with_value, without

STAGES: Final = ("stages",)
WAYS: Final = ("transitions",)
MOVED: Final = ("moved",)
ANY: Final = "*"
ACTIONS: Final[Mapping[str, dict[str, Any]]] = {
    "notify": {"do": "notify", "to": ["owner"]},
    "create_task": {"do": "create_task", "assign": "owner"},
    "update_deal": {"do": "update_deal", "set": {"forecast_category": "commit"}},
    "start_flow": {"do": "start_flow", "flow": ""},
    "escalate": {"do": "escalate", "policy": ""},
    "assign": {"do": "assign", "rules": ""},
}


def stages_in(document: Any) -> list[Mapping[str, Any]]:
    found = value_at(document, STAGES) or []
    return [one for one in found if isinstance(one, Mapping)]


def keys_in(document: Any) -> list[str]:
    return [str(one.get("key", "")) for one in stages_in(document)]


def ways_in(document: Any) -> list[Mapping[str, Any]]:
    found = value_at(document, WAYS) or []
    return [one for one in found if isinstance(one, Mapping)]


def origins_of(way: Mapping[str, Any]) -> tuple[str, ...]:
    given = way.get("from", ())
    return (given,) if isinstance(given, str) else tuple(str(one) for one in given or ())


def several(value: Any) -> list[str]:
    """A single name may stand without a list around it."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def leads(way: Mapping[str, Any], origin: str) -> bool:
    origins = origins_of(way)
    return origin in origins or (ANY in origins and origin != way.get("to"))


def ways_from(document: Any, stage: str) -> list[tuple[int, Mapping[str, Any]]]:
    """Those that lead away from a stage, with their place."""
    return [(at, way) for at, way in enumerate(ways_in(document)) if leads(way, stage)]


def free_key(keys: Collection[str]) -> str:
    number = len(keys) + 1
    while f"stage_{number}" in keys:
        number += 1
    return f"stage_{number}"


def with_stage(document: Any, index: int) -> Any:
    """One more open stage there. Where moves are listed, one leads to it from the stage before, and
    one on to the next, so that deals can go through it."""
    keys = keys_in(document)
    key = free_key(keys)
    new = {"key": key, "label": "", "probability": _between(document, index)}
    document = inserted(document, STAGES, index, {k: v for k, v in new.items() if v != ""})
    if not ways_in(document):
        return document
    for origin, to in (
        (_open_key(document, index - 1), key),
        (key, _open_key(document, index + 1)),
    ):
        if origin and to:
            document = with_way(document, origin, to)
    return document


def _open_key(document: Any, index: int) -> str:
    stages = stages_in(document)
    if not 0 <= index < len(stages):
        return ""
    return str(stages[index].get("key", ""))


def _between(document: Any, index: int) -> int:
    """A probability that keeps them rising."""
    stages = stages_in(document)
    before = stages[index - 1].get("probability", 0) if 0 < index <= len(stages) else 0
    after = stages[index].get("probability", 100) if index < len(stages) else 100
    low = before if isinstance(before, int) else 0
    high = after if isinstance(after, int) and after > low else 100
    return (low + high) // 2


def without_stage(document: Any, index: int, in_force: Collection[str]) -> Any:
    """The stage and the ways to and from it. Where it is in force its deals are to go somewhere:
    to the nearest open stage that stays, until somebody says another one."""
    stages = stages_in(document)
    key = str(stages[index].get("key", ""))
    document = without(document, STAGES, index)
    ways = []
    for way in ways_in(document):
        if way.get("to") == key:
            continue
        origins = tuple(one for one in origins_of(way) if one != key)
        if origins:
            ways.append({**way, "from": origins[0] if len(origins) == 1 else list(origins)})
    document = with_value(document, WAYS, ways or None)
    moved_to = {old: new for old, new in (value_at(document, MOVED) or {}).items() if new != key}
    near = _nearest_open(stages_in(document), index)
    if key in in_force and near:
        moved_to[key] = near
    return with_value(document, MOVED, moved_to or None)


def _nearest_open(stages: Sequence[Mapping[str, Any]], index: int) -> str:
    ahead = sorted(range(len(stages)), key=lambda at: (abs(at - index), at))
    for at in ahead:
        if stages[at].get("kind", "open") == "open":
            return str(stages[at].get("key", ""))
    return ""


def moved_stage(document: Any, index: int, by: int) -> Any:
    return moved(document, STAGES, index, by)


def renamed(document: Any, index: int, key: str, in_force: Collection[str]) -> Any:
    """The stage under another key, everywhere it is named; deals that stand on it go with it."""
    old = keys_in(document)[index]
    document = with_value(document, (*STAGES, index, "key"), key)
    ways = [_renamed_way(way, old, key) for way in ways_in(document)]
    document = with_value(document, WAYS, ways or None)
    moved_to = {
        origin: key if to == old else to
        for origin, to in (value_at(document, MOVED) or {}).items()
        if origin != key
    }
    if old in in_force and key not in in_force and old not in keys_in(document):
        moved_to[old] = key
    return with_value(document, MOVED, moved_to or None)


def _renamed_way(way: Mapping[str, Any], old: str, key: str) -> dict[str, Any]:
    origins = [key if one == old else one for one in origins_of(way)]
    given = way.get("from")
    return {
        **way,
        "from": origins[0] if isinstance(given, str) and origins else origins,
        "to": key if way.get("to") == old else way.get("to"),
    }


def with_way(document: Any, origin: str, to: str) -> Any:
    """One more allowed move, at the end of the list."""
    ways = ways_in(document)
    return with_value(document, WAYS, [*ways, {"from": origin, "to": to}])


def without_way(document: Any, index: int) -> Any:
    document = without(document, WAYS, index)
    return with_value(document, WAYS, ways_in(document) or None)


def moved_way(document: Any, index: int, by: int) -> Any:
    return moved(document, WAYS, index, by)


def every_move_listed(document: Any) -> Any:
    """The moves that a pipeline without a list allows, as a list to take some out of: from each
    open stage to every other, and from closed ones back to the first."""
    stages = stages_in(document)
    keys = keys_in(document)
    open_keys = [key for key, one in zip(keys, stages, strict=True) if _is_open(one)]
    ways: list[dict[str, Any]] = []
    for to in keys:
        origins = [one for one in open_keys if one != to]
        if origins:
            ways.append({"from": origins if len(origins) > 1 else origins[0], "to": to})
    return with_value(document, WAYS, ways or None)


def _is_open(stage: Mapping[str, Any]) -> bool:
    return bool(stage.get("kind", "open") == "open")


def gone(document: Any, in_force: Sequence[str]) -> list[str]:
    """Stages that are in force and left out here."""
    keys = keys_in(document)
    return [key for key in in_force if key not in keys]
