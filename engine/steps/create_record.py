"""Make a deal, a ticket, or a note of a call, a meeting or anything else, for the contact."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, Final, Literal, Self

from babel.numbers import get_currency_precision, list_currencies
from pydantic import AfterValidator, Field, model_validator

from engine.flows.mentions import Mention
from engine.flows.problems import Code, SettingProblem
from engine.local_time import add_span, local_date
from engine.rendering import RenderFailed
from engine.rules import Catalogue, RecordKind, RuleRefused
from engine.rules.expressions import CannotCompute, compile_expression
from engine.steps.base import Place, Step, step
from engine.steps.create_task import Assign
from engine.steps.field_types import Line, Prose, SpanText, one_of, refused
from engine.steps.form import hints
from engine.steps.formula import Formula
from engine.steps.moves import AddActivity, AddTicket, Decide, Hold, Leave, Move
from engine.steps.questions import MakeDeal, Verdict
from engine.steps.span_words import span_of
from engine.steps.wording import template_problems, worded
from engine.steps.words import Words

Record = Literal["deal", "ticket", "call", "meeting", "note"]
PRIORITIES: Final = ("low", "normal", "high", "urgent")
_RECORDS: Final[Mapping[Record, Words]] = {
    "deal": Words("deal", "商机"),
    "ticket": Words("ticket", "工单"),
    "call": Words("call", "电话"),
    "meeting": Words("meeting", "会议"),
    "note": Words("note", "备注"),
}
# Settings that make sense for some records only.
_ONLY_OF: Final[Mapping[str, tuple[Record, ...]]] = {
    "body": ("call", "meeting", "note"),
    "due": ("call", "meeting"),
    "priority": ("ticket",),
    "pipeline": ("deal",),
    "stage": ("deal",),
    "amount": ("deal",),
    "currency": ("deal",),
    "closes_in": ("deal",),
}
# The largest number that JSON, rules and the database all keep exactly.
_MOST_MINOR: Final = 2**53
NO_STAGE: Final = "no_stage"


def _currency(value: str) -> str:
    if value not in list_currencies():
        sentence = f'there is no currency "{value[:10]}"; write one such as USD.'
        raise refused(Code.BAD_VALUE, sentence)
    return value


@step(
    "create_record",
    label=Words("Create a record", "创建记录"),
    help=Words(
        "Make a deal, a ticket, a call, a meeting or a note of the contact.",
        "为联系人创建商机、工单、电话、会议或备注。",
    ),
    icon="note_add",
    exits=("done",),
    exit_labels={"done": Words("done", "完成")},
)
class CreateRecord(Step):
    """The record is written together with the move to the next node: both happen or neither, once a
    visit. It belongs to the contact and the contact's account.
    """

    record: Annotated[Record, one_of(*_RECORDS)] = Field(
        title="Record",
        description='"deal", "ticket", "call", "meeting" or "note".',
        json_schema_extra=hints(
            "记录",
            "“deal” 商机、“ticket” 工单、“call” 电话、“meeting” 会议或 “note” 备注。",
            "new_record_kind",
        ),
    )
    title: Line = Field(
        title="Title",
        description="Its name or subject, a template with the contact's and account's facts.",
        json_schema_extra=hints("标题", "名称或主题，可使用联系人和客户公司字段的模板。", "text"),
    )
    body: Prose | None = Field(
        default=None,
        title="Details",
        description="A template, for calls, meetings and notes.",
        json_schema_extra=hints("详情", "用于电话、会议和备注的模板。", "long_text"),
    )
    due: SpanText | None = Field(
        default=None,
        title="Due in",
        description='When a call or a meeting is due, such as "1d" from now.',
        json_schema_extra=hints("期限", "电话或会议的时间，例如从现在起 “1d”。", "span"),
    )
    priority: Annotated[str, one_of(*PRIORITIES)] | None = Field(
        default=None,
        title="Priority",
        description='Of a ticket: "low", "normal", "high" or "urgent"; normal when left out.',
        json_schema_extra=hints("优先级", "工单优先级，默认为 “normal”。", "priority"),
    )
    pipeline: Line | None = Field(
        default=None,
        title="Pipeline",
        description="Of a deal, by its key; the oldest one when left out.",
        json_schema_extra=hints(
            "销售管道", "商机的管道标识；留空为最早的管道。", "pipeline_picker"
        ),
    )
    stage: Line | None = Field(
        default=None,
        title="Stage",
        description="Of a deal, by its key; the first open one when left out.",
        json_schema_extra=hints("阶段", "商机的阶段标识；留空为第一个进行中阶段。", "stage_picker"),
    )
    amount: Any = Field(
        default=None,
        title="Amount",
        description="Of a deal: a number, or an expression over the contact's facts.",
        json_schema_extra=hints("金额", "商机金额：数字，或基于联系人字段的表达式。", "amount"),
    )
    currency: Annotated[Line, AfterValidator(_currency)] | None = Field(
        default=None,
        title="Currency",
        description="Of the amount, three letters such as USD.",
        json_schema_extra=hints("货币", "金额的货币，三个字母，例如 USD。", "currency"),
    )
    closes_in: SpanText | None = Field(
        default=None,
        title="Closes in",
        description='When a deal is expected to close, such as "30d" from now.',
        json_schema_extra=hints("预计成交", "商机预计多久后成交，例如 “30d”。", "span"),
    )
    assign: Assign = Field(
        default_factory=Assign,
        title="Assigned to",
        description="Who owns the record.",
        json_schema_extra=hints("指派", "记录的负责人。", "assignee"),
    )

    @model_validator(mode="after")
    def _fits_the_record(self) -> Self:
        for name, records in _ONLY_OF.items():
            if getattr(self, name) is not None and self.record not in records:
                of = " or ".join(records)
                raise refused(Code.BAD_VALUE, f'"{name}" is of a {of}; take it out.')
        if (self.amount is None) != (self.currency is None):
            raise refused(Code.MISSING_KEY, '"amount" and "currency" belong together.')
        if self.amount is not None and not isinstance(self.amount, dict):
            if isinstance(self.amount, bool) or not isinstance(self.amount, int | float):
                raise refused(Code.WRONG_TYPE, '"amount" is a number or an expression.')
            if not math.isfinite(self.amount) or _minor(self.amount, self.currency or "") is None:
                raise refused(Code.BAD_VALUE, '"amount" is between nothing and 2^53 minor units.')
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        found = [
            problem
            for key in ("title", "body")
            if isinstance(source := settings.get(key), str)
            for problem in template_problems(key, source, catalogue)
        ]
        if isinstance(amount := settings.get("amount"), dict):
            try:
                compile_expression(amount, catalogue)
            except RuleRefused as troubles:
                for one in troubles.problems:
                    path = ("amount", *one.pointer.split("/")[1:])
                    found.append(SettingProblem(path, Code.BAD_RULE, str(one)))
        return found

    def formulas(self, catalogue: Catalogue) -> Mapping[str, Formula]:
        if not isinstance(self.amount, dict):
            return {}
        return {"amount": compile_expression(self.amount, catalogue)}

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def mentions(self) -> tuple[Mention, ...]:
        if self.stage is None:
            return ()
        named = self.stage if self.pipeline is None else f"{self.pipeline}/{self.stage}"
        return (Mention("stage", named, ("stage",)),)

    def summary(self) -> Words:
        what = _RECORDS[self.record]
        return Words(f"{what.en}: {self.title}", f"{what.zh}：{self.title}")

    def enter(self, here: Place) -> Move:
        try:
            title = worded(self.title, here)
            body = worded(self.body, here) if self.body else None
        except RenderFailed as failure:
            return Hold(
                "record_text_failed", f"The record of this node cannot be written: {failure}"
            )
        if self.record == "deal":
            return self._deal(title, here)
        why = {"record": self.record, "assign_to": self.assign.to}
        if self.record == "ticket":
            ticket = AddTicket(title, self.priority or "normal", self.assign.to)
            return Leave("done", why, (ticket,))
        due = self._from_now(self.due, here)
        return Leave("done", why, (AddActivity(self.record, title, body, due, self.assign.to),))

    def decided(self, here: Place, verdict: Verdict) -> Move:
        if verdict.exit == NO_STAGE:
            return Hold(
                NO_STAGE,
                "There is no stage on which this deal could begin. Make the pipeline and the stage "
                "that the step names, then retry.",
            )
        return super().decided(here, verdict)

    def _deal(self, title: str, here: Place) -> Move:
        amount = self.amount
        if formula := here.formulas.get("amount"):
            try:
                amount = formula.value(here.facts, here.now, here.zone)
            except CannotCompute as trouble:
                return Hold("cannot_compute", f'"amount" cannot be computed: {trouble}')
        minor = None if amount is None else _minor(amount, self.currency or "")
        if amount is not None and minor is None:
            said = "Mend the expression or the facts, then retry."
            return Hold("cannot_compute", f'"amount" is not an amount that a deal can have. {said}')
        closes = self._from_now(self.closes_in, here)
        return Decide(
            MakeDeal(
                title,
                self.pipeline,
                self.stage,
                minor,
                None if minor is None else self.currency,
                None if closes is None else local_date(closes, here.zone).isoformat(),
                self.assign.to,
            )
        )

    def _from_now(self, span: str | None, here: Place) -> datetime | None:
        return None if span is None else add_span(here.now, span_of(span), here.zone)


def _minor(amount: Any, currency: str) -> int | None:
    """The amount in the smallest units of its currency, rounded half to even; None for what is no
    amount, such as a text or less than nothing."""
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount):
        return None
    scaled = Decimal(str(amount)).scaleb(get_currency_precision(currency))
    minor = int(scaled.to_integral_value(ROUND_HALF_EVEN))
    return minor if 0 <= minor <= _MOST_MINOR else None
