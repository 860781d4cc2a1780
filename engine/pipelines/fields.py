"""Fields of a deal that a stage may demand, that a move or an action may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.flows.words import Words
from engine.rules import Catalogue, Facts

# The word people write, and what it is called in a sentence.
DEAL_FIELDS: Final[Mapping[str, Words]] = {
    "name": Words("the name", "名称"),
    "external_id": Words("the external id", "外部标识"),
    "amount": Words("the amount", "金额"),
    "currency": Words("the currency", "货币"),
    "contact": Words("the contact", "联系人"),
    "account": Words("the account", "客户公司"),
    "owner": Words("the owner", "负责人"),
    "product": Words("the product", "产品"),
    "expected_close_on": Words("the expected close", "预计成交日期"),
    "forecast_category": Words("the forecast category", "预测类别"),
    "lost_reason": Words("the reason why it was lost", "丢单原因"),
}
# What an action may write without anybody looking; custom fields beside them.
WRITABLE: Final = ("name", "expected_close_on", "forecast_category", "lost_reason")
CUSTOM: Final = "custom."
LOST_REASON: Final = "lost_reason"
_BY_ID: Final = ("contact", "account", "owner", "product")


@dataclass(frozen=True, slots=True)
class DealView:
    """A deal as the machine sees it. `values` are the fields by the words above, with what the move
    is about to write; `custom` likewise."""

    id: int
    stage: str
    owner_id: int | None
    values: Mapping[str, Any]
    custom: Mapping[str, Any]


def is_needable(name: str, catalogue: Catalogue) -> bool:
    """Whether a stage may demand this field."""
    if name in DEAL_FIELDS:
        return True
    record, _, field = name.partition(".")
    if record == "custom":
        return catalogue.fact("deal", name) is not None
    if record in ("contact", "account") and field:
        fact = catalogue.fact(record, field)  # type: ignore[arg-type]
        # what is only worked out from others cannot be filled in by anybody
        return fact is not None and fact.written is None
    return False


def needable(catalogue: Catalogue) -> list[str]:
    """Every name, for a suggestion."""
    custom = [name for name in catalogue.records["deal"] if name.startswith(CUSTOM)]
    others = [
        f"{record}.{name}"
        for record in ("contact", "account")
        for name in catalogue.records[record]
    ]
    return [*DEAL_FIELDS, *custom, *others]


def reads_of_need(name: str) -> tuple[str, ...] | None:
    """The path of facts that a demanded field reads; None for fields of the deal itself."""
    path = tuple(name.split("."))
    return path if path[0] in ("contact", "account") and len(path) > 1 else None


def is_filled(name: str, deal: DealView, facts: Facts) -> bool:
    """Whether a demanded field has a value. Zero and false are values."""
    if name in DEAL_FIELDS:
        value = deal.values.get(name)
    elif name.startswith(CUSTOM):
        value = deal.custom.get(name.removeprefix(CUSTOM))
    else:
        value = _below(facts, name.split("."))
    return value is not None and value not in ("", [])


def field_words(name: str, catalogue: Catalogue) -> Words:
    """What a demanded field is called."""
    if name in DEAL_FIELDS:
        return DEAL_FIELDS[name]
    record, _, field = name.partition(".")
    fact = (
        catalogue.fact("deal", name) if record == "custom" else catalogue.fact(record, field)  # type: ignore[arg-type]
    )
    return Words(f'"{name}"', f"“{name}”") if fact is None else Words(fact.label.en, fact.label.zh)


def asked_as(name: str) -> str:
    """Where a demanded field stands in what is asked, as a JSON pointer."""
    if name == LOST_REASON:
        return "/lost_reason"
    if name in _BY_ID:
        return f"/fields/{name}_id"
    own = name in DEAL_FIELDS or name.startswith(CUSTOM)
    return ("/fields/" if own else "/") + name.replace(".", "/")


def _below(value: Any, path: list[str]) -> Any:
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    # an amount of money without a number is no amount
    return value.get("minor") if isinstance(value, Mapping) and "currency" in value else value
