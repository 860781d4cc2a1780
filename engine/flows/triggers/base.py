"""What a trigger is: fields (its form) and what the rest of the product asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.flows.mentions import Mention
from engine.flows.problems import SettingProblem, SettingsRefused
from engine.flows.settings_problems import setting_names, setting_problems
from engine.flows.words import Words
from engine.rules import Catalogue


class Trigger(BaseModel):
    """What brings subjects into a flow. Subclasses declare fields; the fields are the form, the
    file format and what is stored.

    A trigger decides nothing itself: it names the event that may let people in and the rule that
    event must fulfil, so that one index finds the flows of an event whatever their kind.
    """

    # Only the written key is accepted, so that a file has one spelling.
    model_config = ConfigDict(frozen=True, extra="forbid")

    on: ClassVar[str]
    label: ClassVar[Words]
    help: ClassVar[Words]
    icon: ClassVar[str]

    @classmethod
    def setting_names(cls) -> tuple[str, ...]:
        """The keys people write beside `on`."""
        return setting_names(cls)

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """The trigger; raises SettingsRefused with every mistake. Settings come without `on`."""
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise SettingsRefused(setting_problems(cls, error)) from error

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """The trigger of a published version, from what `stored` gave."""
        return cls.model_validate({key: value for key, value in stored.items() if key != "on"})

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rule documents by key, of settings that were not read yet and may be wrong."""
        when = settings.get("when")
        return {} if when is None or "when" not in cls.setting_names() else {"when": when}

    @property
    def own_rule(self) -> Any:
        """The rule document that people wrote for this trigger, or None."""
        return self.written_rules(self._given()).get("when")

    @property
    def starts_on(self) -> str | None:
        """The name of the event that may let people in; None when no event does."""
        return None

    @property
    def reads_event(self) -> bool:
        """Whether the rule that people wrote may read the event."""
        return self.starts_on is not None

    @property
    def brings_properties(self) -> bool:
        """Whether `once_per` can count by a property of the event that lets people in."""
        return self.starts_on is not None

    @property
    def entry_rule(self) -> Any:
        """The rule document that the event or, without one, the contact must fulfil, or None."""
        return self.own_rule

    @property
    def audience(self) -> Any:
        """A rule over contacts that finds at once whom this trigger concerns; None when only events
        or people can tell.
        """
        return None

    @property
    def enrols_when_published(self) -> bool:
        """Whether the audience enters as soon as the flow is published."""
        return False

    @property
    def enters_every_time(self) -> bool:
        """Whether `entry` means "always" when it is left out: each occasion is one of its own."""
        return False

    def late_by(self, entered_at: datetime) -> timedelta:
        """How long after the time that was due somebody came in, where the clock lets people in."""
        return timedelta(0)

    @property
    def only_changes_of(self) -> tuple[tuple[str, str], ...]:
        """The fields, as ("deal", "stage"), whose changes alone it hears of; none for all."""
        return ()

    @property
    def only_runs_of(self) -> str | None:
        """The flow whose runs alone it hears of; None when its event is not about runs."""
        return None

    def mentions(self) -> tuple[Mention, ...]:
        """Flows, sources and the like that must exist; paths begin at the trigger."""
        return ()

    def catalogue_problems(self, catalogue: Catalogue) -> Sequence[SettingProblem]:
        """What only the catalogue can tell, such as an unknown segment; rules excepted."""
        return ()

    def summary(self) -> Words:
        """What lets people in, in one line."""
        return self.label

    def written(self) -> dict[str, Any]:
        """The trigger as people write it; `read` makes it again."""
        return {"on": self.on, **self._given()}

    def stored(self) -> dict[str, Any]:
        """The stored form; the hash of a version depends on it, so it never changes for a kind."""
        return self.written()

    def _given(self) -> dict[str, Any]:
        """What differs from what is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


TriggerClass = TypeVar("TriggerClass", bound=type[Trigger])

TRIGGER_KINDS: dict[str, type[Trigger]] = {}


def trigger(
    on: str,
    *,
    label: Words,
    help: Words,  # noqa: A002 - the name it has on the class
    icon: str,
) -> Callable[[TriggerClass], TriggerClass]:
    """Name a trigger class and put it in the registry; a second class of one name is a mistake.

    `icon` is the name of a Material symbol.
    """

    def register(cls: TriggerClass) -> TriggerClass:
        if on in TRIGGER_KINDS:
            raise ValueError(f'two triggers are named "{on}"; their names are unique')
        cls.on, cls.label, cls.help, cls.icon = on, label, help, icon
        TRIGGER_KINDS[on] = cls
        return cls

    return register


def all_of(*documents: Any) -> Any:
    """A rule document that holds when all of these do; None stands for no condition."""
    given = [document for document in documents if document is not None]
    if len(given) < 2:
        return given[0] if given else None
    return {"and": given}
