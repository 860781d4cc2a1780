"""Contacts and accounts, and changing them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from engine.api.shapes.common import Given, Id, Page, ShortText, Shown

LONGEST_TAG: Final = 60
_Tag = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG, pattern=r"^[^\x00]*$")]
_Tags = Annotated[list[_Tag], Field(max_length=50)]
_Custom = Annotated[dict[str, Any], Field(max_length=200, examples=[{"plan": "gold"}])]


class _Fields(Given):
    """What is left out stays as it is; null empties a field. `custom` is by the field's key."""

    owner_id: Id | None = None
    country: Annotated[ShortText | None, Field(examples=["SG"])] = None
    city: ShortText | None = None
    external_id: ShortText | None = None
    custom: _Custom | None = None

    def said(self) -> dict[str, Any]:
        """The fields that were sent, those that people defined as `custom.<key>`."""
        given = self.model_dump(mode="json", exclude_unset=True)
        own = given.pop("custom", None) or {}
        return given | {f"custom.{key}": value for key, value in own.items()}


class ContactFields(_Fields):
    first_name: Annotated[ShortText | None, Field(examples=["Ada"])] = None
    last_name: ShortText | None = None
    email: Annotated[ShortText | None, Field(examples=["grace@example.com"])] = None
    phone: ShortText | None = None
    job_title: ShortText | None = None
    account_id: Id | None = None
    lifecycle_stage: Annotated[ShortText | None, Field(examples=["lead"])] = None
    lead_status: ShortText | None = None
    time_zone: ShortText | None = None
    language: ShortText | None = None
    birthday: ShortText | None = None
    birthday_calendar: ShortText | None = None
    source: ShortText | None = None


class AccountFields(_Fields):
    name: Annotated[ShortText | None, Field(examples=["Northwind"])] = None
    domain: ShortText | None = None
    industry: ShortText | None = None
    employee_count: Annotated[int, Field(ge=0, le=2**53)] | None = None
    year_founded: Annotated[int, Field(ge=0, le=9999)] | None = None


class ContactGiven(Given):
    fields: ContactFields
    tags: _Tags = Field(default_factory=list)


class AccountGiven(Given):
    fields: AccountFields


class ContactChange(Given):
    fields: ContactFields


class AccountChange(Given):
    fields: AccountFields


class TagsChange(Given):
    add: _Tags = Field(default_factory=list, examples=[["press"]])
    remove: _Tags = Field(default_factory=list)


class ContactItem(Given):
    """With `id` that contact is changed, without it one is made."""

    id: Id | None = None
    fields: ContactFields = Field(default_factory=ContactFields)
    add_tags: _Tags = Field(default_factory=list)
    remove_tags: _Tags = Field(default_factory=list)


class ManyContactsGiven(Given):
    items: Annotated[list[ContactItem], Field(min_length=1, max_length=100)]


class AccountItem(Given):
    """With `id` that account is changed, without it one is made."""

    id: Id | None = None
    fields: AccountFields = Field(default_factory=AccountFields)


class ManyAccountsGiven(Given):
    items: Annotated[list[AccountItem], Field(min_length=1, max_length=100)]


class Order(Given):
    """What is done to each; one of them. `value` belongs to `set_field`, null takes it away."""

    give_to: Id | None = None
    give_to_nobody: Literal[True] | None = None
    add_tags: _Tags | None = None
    remove_tags: _Tags | None = None
    set_field: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_.]+$")] | None = None
    value: Any = None
    put_on_list: Annotated[str, Field(max_length=63, pattern=r"^[a-z][a-z0-9_]*$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> Order:
        if len(self.model_fields_set - {"value"}) != 1:
            raise ValueError("say exactly one thing to do")
        return self


class ChangeManyGiven(Given):
    """Those of `ids`, or all for whom `filter` holds; one of the two. True is everybody."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    filter: Any = None
    order: Order

    @model_validator(mode="after")
    def _whom(self) -> ChangeManyGiven:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("name either ids or a filter")
        return self


class ContactLine(Shown):
    """`hidden` names the fields that the reader is not shown; they are null."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    job_title: str | None
    account_id: int | None
    account: str | None
    owner_id: int | None
    owner: str | None
    language: str | None
    country: str | None
    city: str | None
    time_zone: str | None
    birthday: date | None
    birthday_calendar: str | None
    lifecycle_stage: str | None
    lead_status: str | None
    score: int | None
    source: str | None
    external_id: str | None
    tags: list[str]
    custom: dict[str, Any]
    last_seen_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    hidden: list[str]


class ContactPage(Page):
    items: list[ContactLine]


class AccountLine(Shown):
    """`hidden` names the fields that the reader is not shown; they are null."""

    id: int
    name: str
    domain: str | None
    industry: str | None
    employee_count: int | None
    annual_revenue_minor: int | None
    currency: str | None
    country: str | None
    city: str | None
    year_founded: int | None
    owner_id: int | None
    owner: str | None
    parent_account_id: int | None
    external_id: str | None
    custom: dict[str, Any]
    contacts: int | None
    open_deals: int | None
    created_at: datetime | None
    updated_at: datetime | None
    hidden: list[str]


class AccountPage(Page):
    items: list[AccountLine]


class LifeLine(Shown):
    """Something of a contact's life; what is in `values` depends on `kind`."""

    kind: str
    id: int
    at: datetime
    values: dict[str, Any]


class LifePage(Page):
    items: list[LifeLine]


class MembershipShown(Shown):
    name: str
    label: str
    label_zh: str | None
    kind: str


class ScoreShown(Shown):
    model: str
    total: int
    band: str | None


class BelongingShown(Shown):
    segments: list[MembershipShown]
    scores: list[ScoreShown]


class FormerShown(Shown):
    at: datetime
    before: Any
    after: Any


class FormerList(Shown):
    items: list[FormerShown]


class MergeGiven(Given):
    """`lose` becomes part of the contact in the address. Of the fields in `take` its value counts.
    `dry_run` says what it would come to."""

    lose: Id
    take: Annotated[
        list[Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_.]+$")]], Field(max_length=100)
    ] = Field(default_factory=list)
    dry_run: bool = False


class MergedShown(Shown):
    """`rows` by table became its own; `runs_moved` go on as the other's, `runs_ended` do not."""

    keep: int
    lose: int
    fields: list[str]
    rows: dict[str, int]
    runs_moved: int
    runs_ended: int
    dry_run: bool


class EraseGiven(Given):
    """`dry_run` says what it would come to; otherwise it cannot be undone."""

    dry_run: bool = False


class ErasedShown(Shown):
    contact_id: int
    runs_ended: int
    rows: dict[str, int]
    dry_run: bool
