"""What an approval chain says: levels in sequence, and which of them an amount goes through."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field

from engine.approvals.approvers import FORM, Approver, Quorum, QuorumText
from engine.flows.field_types import Line, Slug, SpanText, one_of, refused
from engine.flows.problems import Code, shown
from engine.rules import Subject
from engine.rules.tables.splitting import CellRefused
from engine.rules.tables.values import minor_units

# Stands for the base currency, and for time of the clock instead of a calendar.
BASE: Final = "base"
ALL_HOURS: Final = "none"
AFTER_TIMEOUT: Final = ("next_level", "deputy", "manager", "approve", "reject", "end")
AT_THE_END: Final = ("approve", "reject", "end")
NOBODY: Final = ("manager", "skip", "hold")
DEFAULT_RESUBMIT: Final = "10d"


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refused(Code.BAD_NUMBER, f"{shown(value)} is not an amount.")
    try:
        amount = Decimal(str(value))
    except ArithmeticError as error:
        raise refused(Code.BAD_NUMBER, f"{shown(value)} is not an amount.") from error
    if not amount.is_finite() or amount < 0:
        raise refused(Code.BAD_NUMBER, f"{shown(value)} is not an amount of nothing or more.")
    return amount


Bound = Annotated[Decimal, BeforeValidator(_decimal)]


class Timeout(BaseModel):
    """What happens when a level's time is over. `at_the_end` is for "next_level", "deputy" and
    "manager" when there is no further level, or nobody above."""

    model_config = FORM

    after: SpanText
    then: Annotated[str, one_of(*AFTER_TIMEOUT)] = "end"
    at_the_end: Annotated[str, one_of(*AT_THE_END)] = "end"


class Level(BaseModel):
    """One step of the chain.

    `veto`: one refusal ends the level; else it is refused once agreement cannot be reached any
    more. Left out, it holds for `any` and `all`. `nobody` says what happens when there is nobody to
    ask: up to the manager (then held), skip the level, or hold it visibly.
    """

    model_config = FORM

    key: Slug
    label: Line | None = None
    label_zh: Line | None = None
    approvers: Annotated[tuple[Approver, ...], Field(min_length=1, max_length=50)]
    quorum: QuorumText = Field(default=Quorum("any"))
    veto: Annotated[bool, Field(strict=True)] | None = None
    remind_every: SpanText | None = None
    timeout: Timeout | None = None
    nobody: Annotated[str, one_of(*NOBODY)] = "manager"

    @property
    def any_veto(self) -> bool:
        return self.quorum.kind in ("any", "all") if self.veto is None else self.veto


class Band(BaseModel):
    """Amounts from `from` (included) up to `to` (left out; None: no end), and their levels."""

    model_config = FORM

    begins: Bound = Field(alias="from")
    ends: Bound | None = Field(default=None, alias="to")
    levels: Annotated[tuple[str, ...], Field(min_length=1)]


class Chain(BaseModel):
    """`calendar` names the working hours that spans are counted in (left out: the default one;
    "none": time of the clock). `subject` is what its rules are about. `resubmit_within` is how long
    a request that was given back waits for its requester; then it ends as rejected."""

    model_config = FORM

    label: Line | None = None
    label_zh: Line | None = None
    subject: Literal["contact", "deal", "ticket"] = "deal"
    calendar: Annotated[str, Field(strict=True, max_length=200)] = ""
    currency: Annotated[str, Field(strict=True, max_length=4)] | None = None
    bands: tuple[Band, ...] = ()
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=20)]
    editable_fields: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    allow_self: Annotated[bool, Field(strict=True)] = False
    resubmit_within: SpanText = DEFAULT_RESUBMIT

    def level(self, key: str) -> Level:
        return next(level for level in self.levels if level.key == key)

    def levels_for(self, minor: int | None, currency: str) -> tuple[str, ...]:
        """The keys of the levels an amount goes through, in order.

        `currency` is that of the bands, or the base currency where they say "base". An amount that
        is unknown goes through the last band, which is the strictest.
        """
        if not self.bands:
            return tuple(level.key for level in self.levels)
        if minor is not None:
            for band in self.bands:
                if band.ends is None or minor < in_minor(band.ends, currency):
                    return band.levels
        return self.bands[-1].levels

    @property
    def rule_subject(self) -> Subject:
        return self.subject


def in_minor(amount: Decimal, currency: str) -> int:
    """A bound in the smallest unit of its currency; one that is finer is rounded down."""
    try:
        return minor_units(str(amount), currency)
    except CellRefused:
        return int(amount * 100)
