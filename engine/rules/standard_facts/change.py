"""What is known of a change: which field of the contact, what it was before and what after."""

from __future__ import annotations

from dataclasses import replace

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

CHANGE = by_name(
    (
        fact("field", Type.TEXT, "field", "字段", Origin.KEPT, Change.NEVER),
        # kept as JSON; the other side of a comparison says which type is meant
        *(
            replace(fact(name, Type.PROPERTY, en, zh, Origin.KEPT, Change.NEVER), dynamic=True)
            for name, en, zh in (("old", "value before", "原值"), ("new", "value after", "新值"))
        ),
        fact("changed_at", Type.DATETIME, "changed", "变更时间", Origin.KEPT, Change.NEVER),
    )
)
