"""Questions about rules, and their answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Moment, Shown, Words
from engine.rules import Subject
from engine.services.rules import AskedRule, Origin

RULE: dict[str, Any] = {
    "dialect": 1,
    "rule": {
        "and": [
            {"==": [{"var": "contact.country"}, "SG"]},
            {"not_done": ["Order Completed", ["in_last", 90, "days"]]},
        ]
    },
}
_Size = Annotated[int, Field(ge=1, le=50)]
_Seed = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
_Bound = Annotated[int, Field(ge=1, le=10_000_000)]


class RuleGiven(Given):
    """A rule about contacts, in dialect 1 unless `language` names another one."""

    rule: Any = Field(description="The rule, bare or in its envelope.", examples=[RULE])
    language: Origin = Field(
        "dialect1",
        description="`jsonlogic` for plain JSONLogic, `awesome` and `react` for the output of "
        "react-awesome-query-builder and react-querybuilder.",
    )

    def asked(self, zone: str) -> AskedRule:
        return AskedRule(self.rule, origin=self.language, zone=zone)


class CheckGiven(RuleGiven):
    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": RULE}]})

    subject: Subject = Field("contact", description="What the rule is about.")
    event_rule: bool = Field(False, description="Whether an event is at hand, as in a trigger.")

    def asked(self, zone: str) -> AskedRule:
        return AskedRule(self.rule, self.subject, self.event_rule, self.language, zone)


class EventGiven(Given):
    """The event at hand."""

    name: str = Field(min_length=1, max_length=200)
    kind: str = Field("track", max_length=20)
    source: str = Field("api", max_length=64)
    occurred_at: Moment | None = Field(None, description="`at` when it is left out.")
    properties: dict[str, Any] = {}
    changes: dict[str, dict[str, Any]] = Field(
        {}, description="What it tells of, by record and field: `{old, new}`."
    )


class ExplainGiven(RuleGiven):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rule": RULE, "contact": "ada@example.com"}]}
    )

    contact: (
        Annotated[int, Field(ge=1, le=2**63 - 1)]
        | Annotated[str, Field(min_length=1, max_length=320)]
    ) = Field(description="Number or e-mail address.")
    at: Moment | None = Field(
        None, description="The moment to ask at, now when left out. Facts are always those of now."
    )
    event: EventGiven | None = Field(None, description="Makes the rule one about an event.")

    def asked(self, zone: str) -> AskedRule:
        has_event = self.event is not None
        return AskedRule(self.rule, event_rule=has_event, origin=self.language, zone=zone)


class CountGiven(RuleGiven):
    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": RULE, "at_most": 10000}]})

    at_most: _Bound | None = Field(
        None, description="Stop here; without it everybody who matches is counted."
    )


class SampleGiven(RuleGiven):
    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": RULE, "size": 3}]})

    size: _Size = 5
    matching: bool = Field(True, description="False for contacts that do not match.")
    seed: _Seed = Field(0, description="The same seed draws the same contacts.")


class FoundProblem(Shown):
    """A mistake in a rule; `pointer` leads into the rule as it was sent."""

    pointer: str
    code: str
    message: str


class Checked(Shown):
    """`rule` is the rule in dialect 1 and `words` say it in sentences; both are null, and nothing
    is read, when there are problems. Warnings do not keep a rule from being saved.
    """

    ok: bool
    problems: list[FoundProblem]
    warnings: list[FoundProblem]
    rule: Any
    words: Words | None
    reads: list[str] = Field(description="The facts it reads, such as `contact.country`.")


class Reading(Shown):
    """A value that was looked at. For a list, how many of its items matched, `among` how many."""

    label: Words
    fact: str | None = None
    value: Any
    among: int | None = None


class Condition(Shown):
    """One condition of the rule, whether it holds, and what it read. The text of a group says how
    it joins its children; long texts and values are cut.
    """

    truth: bool
    text: Words
    reads: list[Reading]
    children: list[Condition]


class Explained(Shown):
    """Whether the rule holds for one contact, and why; days and weeks are those of `zone`."""

    contact_id: int
    name: str
    holds: bool
    sentences: Words
    tree: Condition
    at: Moment
    zone: str


class Sampled(Shown):
    contacts: list[Explained]


class Counted(Shown):
    """`exact` is false when counting stopped at `at_most`: there are at least `count`."""

    count: int
    exact: bool
