"""A rule finds people, or they enter or leave a saved segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from engine.flows.field_types import Line, refused
from engine.flows.form import hints
from engine.flows.problems import Code, SettingProblem, did_you_mean, shown
from engine.flows.triggers.base import Trigger, all_of, trigger
from engine.flows.words import Words
from engine.rules import Catalogue

# The events of a contact that starts or stops being a member, with properties {"segment": name}.
SEGMENT_ENTERED: Final = "Segment Entered"
SEGMENT_LEFT: Final = "Segment Left"
SEGMENT_KIND: Final = "segment"
_EVENTS: Final[Mapping[Any, str]] = {"entered": SEGMENT_ENTERED, "left": SEGMENT_LEFT}


@trigger(
    "segment",
    label=Words("People fit a rule or a segment", "符合规则或客户群的人"),
    help=Words(
        "Everybody a rule finds when the flow is published, or whoever enters or leaves a saved "
        "segment from then on.",
        "发布时规则找到的所有人，或此后进入或离开某个已保存客户群的人。",
    ),
    icon="groups",
)
class SegmentTrigger(Trigger):
    """Without `segment`, `when` is a rule over contacts; with it, the move that counts."""

    segment: Line | None = Field(
        default=None,
        title="Segment",
        description="The name of a saved segment; leave it out to write a rule of its own.",
        json_schema_extra=hints(
            "客户群", "已保存客户群的名称；留空则自行编写规则。", "segment_picker"
        ),
    )
    when: Any = Field(
        default=None,
        title="When",
        description="A rule over contacts; of a saved segment, who has entered it or left it.",
        json_schema_extra=hints(
            "条件", "针对联系人的规则；对于已保存客户群，为进入（entered）或离开（left）。", "rule"
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _entered_when_left_out(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and isinstance(given.get("segment"), str):
            return {"when": "entered", **given}
        return given

    @field_validator("when")
    @classmethod
    def _a_move_of_the_segment(cls, when: Any, info: ValidationInfo) -> Any:
        if info.data.get("segment") is not None and when not in tuple(_EVENTS):
            sentence = f"cannot be {shown(when)}; {did_you_mean(str(when), _EVENTS)}"
            raise refused(Code.BAD_CHOICE, sentence)
        return when

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.segment is None and self.when is None:
            sentence = (
                'say whom it concerns: "segment", the name of a saved one, or "when", a rule.'
            )
            raise refused(Code.MISSING_KEY, sentence)
        return self

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {} if "segment" in settings else super().written_rules(settings)

    @property
    def move(self) -> Literal["entered", "left"] | None:
        """What a contact does to the saved segment; None for a rule of its own."""
        if self.segment is None:
            return None
        return "left" if self.when == "left" else "entered"

    @property
    def starts_on(self) -> str | None:
        return None if self.move is None else _EVENTS[self.move]

    @property
    def reads_event(self) -> bool:
        return False

    @property
    def brings_properties(self) -> bool:
        return False

    @property
    def entry_rule(self) -> Any:
        if self.segment is None:
            return self.when
        # only Cadenza writes events of this kind, whoever else calls theirs so
        return all_of(
            {"==": [{"var": "event.kind"}, SEGMENT_KIND]},
            {"==": [{"var": "event.properties.segment"}, self.segment]},
        )

    @property
    def audience(self) -> Any:
        return self.when if self.segment is None else {"member_of": [self.segment]}

    @property
    def enrols_when_published(self) -> bool:
        return self.segment is None

    def catalogue_problems(self, catalogue: Catalogue) -> Sequence[SettingProblem]:
        if self.segment is None or self.segment in catalogue.segments:
            return ()
        meant = did_you_mean(self.segment, list(catalogue.segments))
        message = f'there is no segment "{self.segment}"; {meant}'
        return (SettingProblem(("segment",), Code.UNKNOWN_SEGMENT, message),)

    def summary(self) -> Words:
        if self.segment is None:
            return Words("Everybody who matches a rule", "所有符合规则的人")
        if self.move == "left":
            return Words(f"Leaves the segment “{self.segment}”", f"离开客户群“{self.segment}”")
        return Words(f"Enters the segment “{self.segment}”", f"进入客户群“{self.segment}”")

    def stored(self) -> dict[str, Any]:
        own = {} if self.segment is None else {"segment": self.segment}
        return {"on": self.on, "event": None, "when": self.when, **own}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        return cls.model_validate({k: v for k, v in stored.items() if k not in ("on", "event")})
