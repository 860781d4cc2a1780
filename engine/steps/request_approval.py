"""Ask a person to decide, and wait for the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self

from pydantic import Field, model_validator

from engine.effects import REQUEST_APPROVAL, Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import Code, SettingProblem
from engine.local_time import add_span
from engine.rules import Catalogue, RecordKind
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, Prose, Slug, SpanText, refused
from engine.steps.form import hints
from engine.steps.moves import Hold, Leave, Move, Perform, Wait
from engine.steps.notify import NOBODY, text_problems, texts
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People, addressee, mentioned
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.words import Words

# Reasons of the receipt with which a decision comes; they are the exits too.
DECISIONS: Final = ("approved", "rejected")
_WAYS_OUT: Final = (*DECISIONS, "timed_out")


@step(
    "request_approval",
    label=Words("Ask for approval", "请求审批"),
    help=Words(
        "Ask people to decide and wait: whoever of those asked decides first, or a whole chain.",
        "请同事决定并等待结果：由先作决定的人决定，或按审批链逐级审批。",
    ),
    icon="how_to_reg",
    exits=("approved", "rejected", "timed_out"),
    exit_labels={
        "approved": Words("approved", "已批准"),
        "rejected": Words("rejected", "已拒绝"),
        "timed_out": Words("time is over", "审批超时"),
    },
)
class RequestApproval(Step):
    """The request stays open until its time is over, whether the mail about it arrived or not.

    Nobody to ask counts as no answer: the run waits until the time is over, as it would for people
    who are silent, so that a loop around this step cannot go round in an instant; admins see that
    the request is held and may decide it. Who the request was made for (the contact's owner) does
    not decide it. With the name of a chain its levels hold, and its own timeouts may end it sooner.
    """

    title: Line = Field(
        title="Title",
        description="What is to be decided: a template with the contact's and account's facts.",
        json_schema_extra=hints(
            "标题", "需要决定的事项；可使用联系人和客户公司字段的模板。", "text"
        ),
    )
    body: Prose | None = Field(
        default=None,
        title="Details",
        description="A template with the contact's and account's facts.",
        json_schema_extra=hints("详情", "可使用联系人和客户公司字段的模板。", "long_text"),
    )
    approver: People = Field(
        default="manager",
        alias="from",
        title="From",
        description=PEOPLE_EN,
        json_schema_extra=hints("审批人", PEOPLE_ZH, "assignee"),
    )
    chain: Slug | None = Field(
        default=None,
        title="Chain",
        description="The name of an approval chain, instead of people.",
        json_schema_extra=hints("审批链", "审批链的名称，代替审批人。", "text"),
    )
    timeout: SpanText = Field(
        title="At most",
        description='How long to wait for the decision, such as "2d".',
        json_schema_extra=hints("最长等待", "最多等待多久，例如 “2d”。", "span"),
    )

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return text_problems(settings, catalogue)

    @model_validator(mode="after")
    def _people_or_a_chain(self) -> Self:
        if self.chain is not None and "approver" in self.model_fields_set:
            raise refused(Code.BAD_VALUE, 'say either "from" or "chain".')
        return self

    def summary(self) -> Words:
        limit = span_words(span_of(self.timeout))
        return Words(f"{self.title}, at most {limit.en}", f"{self.title}，最长 {limit.zh}")

    def mentions(self) -> tuple[Mention, ...]:
        if self.chain is not None:
            return (Mention("approval_chain", self.chain, ("chain",)),)
        return mentioned(self.approver, ("from",))

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        return at_least(span_of(self.timeout)) if exit_name == "timed_out" else timedelta()

    def enter(self, here: Place) -> Move:
        said = texts(self.title, self.body, here)
        if isinstance(said, Hold):
            return said
        deadline = add_span(here.now, span_of(self.timeout), here.zone).isoformat()
        if self.chain is not None:
            whom = {"chain": self.chain}
            why = {"chain": self.chain, "until": deadline}
        else:
            whom, why = {"to": self.approver}, {"from": self.approver, "until": deadline}
        ask = {**whom, "deadline": deadline, "said": said}
        return Perform(REQUEST_APPROVAL, ask, why, memo={"deadline": deadline})

    def answered(self, here: Place, receipt: Receipt) -> Move:
        """First that the request was made, then the decision; the decision may overtake."""
        if receipt.reason in _WAYS_OUT:
            return Leave(receipt.reason, {"decision": receipt.reason, **receipt.details})
        deadline = self._deadline(here)
        why: dict[str, Any] = {"until": deadline.isoformat(), "outcome": receipt.outcome.value}
        why |= {key: receipt.details[key] for key in ("request",) if key in receipt.details}
        if receipt.reason == NOBODY:
            memo = {"deadline": deadline.isoformat(), "reason": NOBODY}
            return Wait(deadline, (), memo, why | {"reason": NOBODY})
        return Wait(deadline, (), here.memo, why)

    def time_came(self, here: Place) -> Move:
        why = {"until": here.memo.get("deadline")}
        asked_nobody = here.memo.get("reason") == NOBODY
        return Leave("timed_out", why | {"reason": NOBODY} if asked_nobody else why)

    def _deadline(self, here: Place) -> datetime:
        written = here.memo.get("deadline")
        if written is None:
            return add_span(here.now, span_of(self.timeout), here.zone)
        return datetime.fromisoformat(written)


def one_level(people: str) -> dict[str, Any]:
    """The chain of a step that names people: one level of all of them, whoever decides first
    decides, by the time of the clock. Nobody to ask holds it until the step's time is over."""
    meant = addressee(people)
    who: Mapping[str, Any]
    match meant.kind:
        case "owner":
            who = {"field": "owner"}
        case "manager":
            who = {"manager_of": {"of": "owner"}}
        case kind:
            who = {kind: meant.value}
    level = {"key": "asked", "approvers": [who], "quorum": "any", "nobody": "hold"}
    return {"subject": "contact", "calendar": "none", "levels": [level]}
