"""What a mapping file says: which column fills which field, and how lines become records."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crm_store.models import ForecastCategory, LawfulBasis, StageKind

KindName = Literal["contacts", "accounts", "deals", "orders", "products", "users", "tickets"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CreatedWith(_Part):
    """What a record made from its name alone is given. An import makes no admins."""

    role: Literal["rep", "sales_manager", "marketer", "service", "viewer"] = "rep"


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class FieldSource(_Part):
    """Where a field's value comes from, and how it is read.

    `template` is a text with columns in braces; of several, the first whose columns are all filled
    is used. `values` translates what the file says (capitals do not matter); `otherwise` says what
    happens to a value that is not listed. `missing` is for names of other records.
    """

    column: str | None = None
    template: Annotated[list[str], BeforeValidator(_as_list)] = Field(default_factory=list)
    value: str | int | float | bool | list[str] | None = None
    by: str | None = None
    format: str | None = None
    zone: str = "UTC"
    decimal: Literal[".", ","] = "."
    scale: Decimal = Field(Decimal(1), gt=0)
    region: str | None = Field(None, pattern="^[A-Z]{2}$")
    separator: str = ";"
    values: dict[str, str] = Field(default_factory=dict)
    otherwise: Literal["keep", "refuse", "empty"] = "keep"
    missing: Literal["refuse", "create", "empty"] = "refuse"
    create_with: CreatedWith = Field(default_factory=lambda: CreatedWith())

    @model_validator(mode="after")
    def _one_source(self) -> FieldSource:
        given = [self.column is not None, bool(self.template), self.value is not None]
        if sum(given) != 1:
            raise ValueError('say exactly one of "column", "template" or "value"')
        return self


def _field_source(value: Any) -> Any:
    """A bare text is the name of a column."""
    return {"column": value} if isinstance(value, str | int) else value


class Span(_Part):
    """A column by position: the first and last character, counted from 1 and included."""

    name: str
    first: int = Field(ge=1, le=100_000)
    last: int = Field(ge=1, le=100_000)


class ConsentGiven(_Part):
    """Recorded for every contact of the file who has no answer for this channel and purpose yet:
    an import never overrules what somebody decided themselves."""

    channel: str
    purpose: str
    lawful_basis: LawfulBasis
    source: str
    granted: bool = True


class StageGiven(_Part):
    key: str = Field(pattern="^[a-z][a-z0-9_]{0,62}$")
    label: str
    kind: StageKind
    probability_percent: int = Field(ge=0, le=100)
    forecast_category: ForecastCategory = ForecastCategory.PIPELINE


class PipelineGiven(_Part):
    """The pipeline the deals go to; made, with its stages, when there is none of this key."""

    key: str = Field(pattern="^[a-z][a-z0-9_]{0,62}$")
    label: str | None = None
    stages: list[StageGiven] = Field(default_factory=list)


class CustomFieldGiven(_Part):
    key: str = Field(pattern="^[a-z][a-z0-9_]{0,62}$")
    type: Literal["text", "number", "boolean", "date", "datetime", "set"]
    label: str
    label_zh: str | None = None
    values: list[str] = Field(default_factory=list)


class Layout(_Part):
    """How the file is written; what is not said is found out."""

    format: Literal["csv", "xlsx", "fixed", "blanks"] | None = None
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    sheet: str | None = None
    header: bool = True
    columns: list[str | Span] = Field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [column if isinstance(column, str) else column.name for column in self.columns]

    @property
    def spans(self) -> list[tuple[int, int]]:
        return [(c.first, c.last) for c in self.columns if isinstance(c, Span)]

    @model_validator(mode="after")
    def _columns_where_needed(self) -> Layout:
        if self.format == "fixed" and len(self.spans) != len(self.columns):
            raise ValueError('a fixed file needs "first" and "last" for every column')
        if (self.format in ("fixed", "blanks") or not self.header) and not self.columns:
            raise ValueError('name the "columns": the file has no header that does')
        return self


class Mapping(_Part):
    """A whole mapping file. Without one, columns named like fields are taken as they are."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True
    )

    kind: KindName = Field(alias="as")
    file: Layout = Field(default_factory=lambda: Layout())
    match_by: list[str] = Field(default_factory=list)
    number_within: list[str] = Field(default_factory=list)
    fields: dict[str, Annotated[FieldSource, BeforeValidator(_field_source)]] = Field(min_length=1)
    tags: list[str] = Field(default_factory=list)
    consents: list[ConsentGiven] = Field(default_factory=list)
    pipeline: PipelineGiven | None = None
    custom_fields: list[CustomFieldGiven] = Field(default_factory=list)

    @model_validator(mode="after")
    def _only_contacts_consent(self) -> Mapping:
        if self.kind != "contacts" and (self.consents or self.tags):
            raise ValueError('"consents" and "tags" are for contacts')
        if self.kind != "deals" and self.pipeline:
            raise ValueError('"pipeline" is for deals')
        return self
