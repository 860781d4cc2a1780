"""Call another system and go on by what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from engine.effects import CALL_WEBHOOK, Outcome, Receipt
from engine.flows.problems import Code, SettingProblem
from engine.json_path import clash, nested
from engine.rules import Catalogue, Fact
from engine.rules.expressions import CannotCompute
from engine.steps.base import Place, Step, step
from engine.steps.field_types import refused
from engine.steps.form import hints
from engine.steps.formula import Formula
from engine.steps.moves import Change, Hold, Leave, Move, Perform, SetOwnFields
from engine.steps.webhook_request import (
    Expected,
    Headers,
    Kept,
    Query,
    SecretName,
    Values,
    WebAddress,
    expressions,
    is_read_on_its_way,
    kept_fields,
    plain_headers,
    request_problems,
    secret_headers,
    why_not_kept,
)
from engine.steps.webhook_taken import AnswerPlace, Remembered, Taken, taken_problems
from engine.steps.words import Words

# Who it is about, when the flow does not say what to send.
_USUAL: Mapping[str, Any] = {
    f"contact.{name}": {"var": f"contact.{name}"} for name in ("id", "external_id", "email")
}
_EXITS = {
    Outcome.DONE: "ok",
    Outcome.MAYBE_DONE: "ok",
    Outcome.REFUSED: "refused",
    Outcome.WITHHELD: "refused",
    Outcome.GAVE_UP: "gave_up",
}


@step(
    "call_webhook",
    label=Words("Call another system", "调用其他系统"),
    help=Words(
        "Send a signed request to another system and go on by its answer.",
        "向其他系统发送带签名的请求，并根据其应答继续。",
    ),
    icon="webhook",
    exits=("ok", "refused", "gave_up"),
    exit_labels={
        "ok": Words("it accepted", "已接受"),
        "refused": Words("it refused", "被拒绝"),
        "gave_up": Words("it did not answer", "长时间无应答"),
    },
)
class CallWebhook(Step):
    """At least once: when the answer is lost the call is made again under the same id, by which
    the other side tells that it had it before.

    What is sent is worked out once, when the run comes here, and is the same at every try.
    """

    url: WebAddress = Field(
        title="Address",
        description="The address to call, such as https://example.com/hooks/orders.",
        json_schema_extra=hints(
            "地址", "要调用的地址，例如 https://example.com/hooks/orders。", "text"
        ),
    )
    method: Literal["POST", "PUT", "GET", "DELETE"] = Field(
        default="POST",
        title="Method",
        description="POST, PUT, GET or DELETE.",
        json_schema_extra=hints("方法", "POST、PUT、GET 或 DELETE 之一。", "text"),
    )
    headers: Headers = Field(
        default_factory=dict,
        title="Headers",
        description="Names of headers with their values; {secret: NAME} sends a kept secret.",
        json_schema_extra=hints(
            "请求头", "请求头的名称与值；{secret: NAME} 发送已保存的密钥。", "properties"
        ),
    )
    body: Values = Field(
        default_factory=dict,
        title="Body",
        description="Names of values with the expressions they are worked out by.",
        json_schema_extra=hints("正文", "各值的名称及其计算表达式。", "field_formulas"),
    )
    query: Query = Field(
        default_factory=dict,
        title="Query",
        description="Values that follow the address, worked out by expressions.",
        json_schema_extra=hints("查询参数", "附加在地址之后、由表达式计算的值。", "field_formulas"),
    )
    secret: SecretName | None = Field(
        default=None,
        title="Signing secret",
        description="Name of the kept secret that signs the request.",
        json_schema_extra=hints("签名密钥", "用于为请求签名的已保存密钥的名称。", "text"),
    )
    token: SecretName | None = Field(
        default=None,
        title="Access token",
        description="Name of the kept secret that is sent as the bearer token.",
        json_schema_extra=hints("访问令牌", "作为 Bearer 令牌发送的已保存密钥的名称。", "text"),
    )
    expect: Expected = Field(
        default_factory=dict,
        title="Expected answer",
        description="Places in the answer with the values they must have.",
        json_schema_extra=hints("预期应答", "应答中的位置及其必须具有的值。", "properties"),
    )
    keep: Kept = Field(
        default_factory=dict,
        title="Keep from the answer",
        description="Fields of the contact with the places in the answer that fill them.",
        json_schema_extra=hints("保存应答", "联系人字段及应答中对应的位置。", "properties"),
    )

    take: Taken = Field(
        default_factory=dict,
        title="Take into the body",
        description="Names of values with where they are taken from, such as event.deal_id, "
        "deal.amount or answer.<step>.<name>.",
        json_schema_extra=hints(
            "取入正文", "各值的名称及其来源，例如 event.deal_id、deal.amount。", "properties"
        ),
    )
    remember: Remembered = Field(
        default_factory=dict,
        title="Remember from the answer",
        description="Names for later calls of this run, with the places in the answer.",
        json_schema_extra=hints("记住应答", "供后续调用使用的名称及应答中的位置。", "properties"),
    )
    retry: Literal["once", "quick", "patient"] | None = Field(
        default=None,
        title="Try again",
        description="once (never again), quick (two minutes) or patient (a week); "
        "for a day when left out.",
        json_schema_extra=hints(
            "重试", "once 仅一次、quick 两分钟内、patient 一周内；留空为一天内。", "text"
        ),
    )
    hold_wrong_data: bool = Field(
        default=False,
        title="Hold when the data is wrong",
        description="An answer of 400 or 422 holds the run until somebody has mended the data.",
        json_schema_extra=hints(
            "数据有误时暂停", "应答为 400 或 422 时暂停，待数据修正后重试。", "switch"
        ),
    )
    explain: AnswerPlace | None = Field(
        default=None,
        title="What was wrong",
        description="The place in a refusing answer that says what was wrong.",
        json_schema_extra=hints("错误说明", "拒绝应答中说明错误原因的位置。", "text"),
    )

    @model_validator(mode="after")
    def _says_what_it_can(self) -> Self:
        if self.body and self.method in ("GET", "DELETE"):
            message = f'{self.method} sends no "body"; use "query", or POST or PUT.'
            raise refused(Code.BAD_VALUE, message)
        if self.take and self.method in ("GET", "DELETE"):
            raise refused(Code.BAD_VALUE, f'{self.method} sends no body to "take" values into.')
        if (one := clash([*self.body, *self.take])) is not None or self.body.keys() & self.take:
            named = one or next(name for name in self.body if name in self.take)
            message = f'"{named}" is both in "body" and in "take", or inside of the other.'
            raise refused(Code.BAD_VALUE, message)
        secrets = secret_headers(self.headers)
        if self.token and any(name.lower() == "authorization" for name in secrets):
            raise refused(Code.BAD_VALUE, 'the header Authorization is written by "token".')
        if (self.token or secrets) and is_read_on_its_way(self.url):
            raise refused(Code.BAD_VALUE, "a secret is sent by https only; mend the address.")
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return [*request_problems(settings, catalogue), *taken_problems(settings, catalogue)]

    def formulas(self, catalogue: Catalogue) -> Mapping[str, Formula]:
        return {
            **expressions(self._said(), "body:", catalogue),
            **expressions(self.query, "query:", catalogue),
        }

    def fills(self, catalogue: Catalogue) -> Mapping[str, Fact]:
        return kept_fields(self.keep, catalogue)

    def computes(self) -> tuple[str, ...]:
        return tuple(self.keep)

    def summary(self) -> Words:
        host = self.url.partition("://")[2].partition("/")[0]
        return Words(f"{self.method} {host}", f"{self.method} {host}")

    def enter(self, here: Place) -> Move:
        worked: dict[str, dict[str, Any]] = {"body": {}, "query": {}}
        for key, formula in here.formulas.items():
            part, _, name = key.partition(":")
            try:
                worked[part][name] = formula.value(here.facts, here.now, here.zone)
            except CannotCompute as trouble:
                message = f'"{name}" cannot be computed: {trouble}'
                return Hold("cannot_compute", f"{message} Mend the expression or the facts, retry.")
        ask: dict[str, Any] = {"url": self.url, "method": self.method, "said": {}}
        if self.method in ("POST", "PUT"):
            # whoever says nothing of their own sends which flow this is, and about whom
            usual = {"flow": here.flow, "node": here.node, "visit": here.visit}
            own = bool(self.body or self.take)
            ask["said"]["body"] = nested(worked["body"]) | ({} if own else usual)
            ask["usual"] = not own
        if worked["query"]:
            ask["said"]["query"] = worked["query"]
        said = {
            "headers": plain_headers(self.headers),
            "secret_headers": secret_headers(self.headers),
            **{name: getattr(self, name) for name in ("secret", "token", "expect", "keep")},
            **{name: getattr(self, name) for name in ("take", "remember", "retry", "explain")},
            "hold_wrong_data": self.hold_wrong_data,
        }
        ask |= {name: value for name, value in said.items() if value}
        return Perform(CALL_WEBHOOK, ask, {"url": self.url, "method": self.method})

    def answered(self, here: Place, receipt: Receipt) -> Move:
        why: dict[str, Any] = {"outcome": receipt.outcome.value}
        if receipt.reason is not None:
            why["reason"] = receipt.reason
        if "status" in receipt.details:
            why["status"] = receipt.details["status"]
        if receipt.outcome is Outcome.CANNOT:
            said = receipt.details.get("message") or receipt.reason
            if "status" in receipt.details:
                return Hold("call_found_wrong", f"{said} Mend the data, then retry.")
            return Hold("call_cannot_be_made", f"The call cannot be made: {said} Then retry.")
        exit_ = _EXITS[receipt.outcome]
        changes: tuple[Change, ...] = ()
        if exit_ == "ok" and self.keep:
            fitting, left_out = self._kept(here, receipt.details.get("kept", {}))
            changes = (SetOwnFields(fitting),) if fitting else ()
            why |= {"kept": sorted(fitting)} | ({"left_out": left_out} if left_out else {})
        return Leave(exit_, why, changes)

    def _said(self) -> Mapping[str, Any]:
        """What is worked out for the body; nothing for a request without one."""
        if self.method in ("GET", "DELETE"):
            return {}
        return self.body or ({} if self.take else _USUAL)

    def _kept(self, here: Place, found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Values that fit their fields, and why the others were left out."""
        fitting: dict[str, Any] = {}
        left_out: dict[str, str] = {}
        for name, path in self.keep.items():
            value = found.get(name)
            if value is None:
                left_out[name] = f'the answer has nothing at "{path}"'
            elif trouble := why_not_kept(here.fills[name], value):
                left_out[name] = trouble
            else:
                fitting[name] = value
        return fitting, left_out
