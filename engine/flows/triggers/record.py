"""A record was made, or fields of it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from engine.flows.field_types import Line, one_of, refused
from engine.flows.form import hints
from engine.flows.problems import Code, SettingProblem, did_you_mean
from engine.flows.triggers.base import Trigger, all_of, trigger
from engine.flows.words import Words
from engine.rules import Catalogue
from engine.rules.operators.kept_fields import is_kept

Record = Literal["contact", "deal", "ticket", "order"]
RECORDS: Final[tuple[Record, ...]] = ("contact", "deal", "ticket", "order")
RECORD_KIND: Final = "record"
_ZH: Final[Mapping[Record, str]] = {
    "contact": "联系人",
    "deal": "商机",
    "ticket": "工单",
    "order": "订单",
}


@trigger(
    "record",
    label=Words("A record is made or changes", "记录被创建或变更"),
    help=Words(
        "Whoever's record is made or gets other values; the rule may ask for the old and the new.",
        "其记录被创建或字段发生变化的人；规则可读取旧值与新值。",
    ),
    icon="edit_notifications",
)
class RecordTrigger(Trigger):
    """The contact whose record it is enters. Changes are told once a transaction, whoever made
    them; see `engine.services.changes`.
    """

    record: Annotated[Record, one_of(*RECORDS)] = Field(
        title="Record",
        description='"contact", "deal", "ticket" or "order".',
        json_schema_extra=hints(
            "记录", "“contact” 联系人、“deal” 商机、“ticket” 工单或 “order” 订单。", "record_kind"
        ),
    )
    created: bool = Field(
        default=False,
        strict=True,
        title="When it is made",
        description="true: when the record is made.",
        json_schema_extra=hints("创建时", "true：记录被创建时。", "switch"),
    )
    updated: bool = Field(
        default=False,
        strict=True,
        title="When it changes",
        description='true: when it changes, which is meant without "created" too.',
        json_schema_extra=hints("变更时", "true：记录变更时；未写 “created” 即如此。", "switch"),
    )
    fields: Annotated[tuple[Line, ...], Field(max_length=50)] = Field(
        default=(),
        title="Fields",
        description="Only when one of these fields changed; any field when empty.",
        json_schema_extra=hints("字段", "仅当其中某个字段变更时；留空表示任意字段。", "fields"),
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over the contact and the change, such as changed_to.",
        json_schema_extra=hints("仅当", "针对联系人与变更的规则，例如 changed_to。", "rule"),
    )

    @model_validator(mode="after")
    def _made_or_changed(self) -> Self:
        if self.created and self.updated:
            raise refused(Code.BAD_VALUE, '"created" and "updated" are two triggers; choose one.')
        if self.created and self.fields:
            raise refused(Code.BAD_VALUE, '"fields" are of changes; a new record has none yet.')
        return self

    @property
    def starts_on(self) -> str:
        return f"{self.record.capitalize()} {'Created' if self.created else 'Updated'}"

    @property
    def entry_rule(self) -> Any:
        changed = [{"changed": [{"var": f"{self.record}.{name}"}]} for name in self.fields]
        one = changed[0] if len(changed) == 1 else {"or": changed}
        # Only Cadenza writes events of this kind; a source may call its own as it likes.
        of_ours = {"==": [{"var": "event.kind"}, RECORD_KIND]}
        return all_of(of_ours, one if changed else None, self.when)

    @property
    def only_changes_of(self) -> tuple[tuple[str, str], ...]:
        return tuple((self.record, name) for name in self.fields)

    def catalogue_problems(self, catalogue: Catalogue) -> Sequence[SettingProblem]:
        facts = catalogue.records[self.record]
        kept = [name for name, fact in facts.items() if is_kept(self.record, fact)]
        return [
            SettingProblem(
                ("fields", index),
                Code.UNKNOWN_FIELD,
                f'changes of "{name}" of a {self.record} are not told; {did_you_mean(name, kept)}',
            )
            for index, name in enumerate(self.fields)
            if name not in kept
        ]

    def summary(self) -> Words:
        if self.created:
            return Words(f"A {self.record} is made", f"{_ZH[self.record]}被创建")
        names = ", ".join(self.fields)
        if not names:
            return Words(f"The {self.record} changes", f"{_ZH[self.record]}变更")
        return Words(f"{names} of the {self.record} changes", f"{_ZH[self.record]}的 {names} 变更")
