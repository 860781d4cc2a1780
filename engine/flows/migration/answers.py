"""What is to become of the people on each node of the old version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Deed(StrEnum):
    """`stay`: on the node of the same name. `leave`: on the old version, as if nothing happened."""

    STAY = "stay"
    TO = "to"
    EXIT = "exit"
    RESTART = "restart"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Answer:
    """`to` names a node of the new version, for "to" only."""

    deed: Deed
    to: str | None = None

    def written(self) -> Any:
        """As plan files and rows hold it."""
        return {"to": self.to} if self.deed is Deed.TO else self.deed.value

    @classmethod
    def read(cls, written: Any) -> Answer | None:
        """The opposite; None for what is no answer."""
        match written:
            case {"to": str(node)} if len(written) == 1:
                return cls(Deed.TO, node)
            case "stay" | "exit" | "restart" | "leave":
                return cls(Deed(written))
        return None


STAY: Final = Answer(Deed.STAY)
EXIT: Final = Answer(Deed.EXIT)
RESTART: Final = Answer(Deed.RESTART)
LEAVE: Final = Answer(Deed.LEAVE)


@dataclass(frozen=True, slots=True)
class MovePlan:
    """From one version of a flow to another, by number; whoever stands on a node without an answer
    stays on the old version.
    """

    flow: str
    from_number: int
    to_number: int
    answers: Mapping[str, Answer]

    def stored(self) -> dict[str, Any]:
        return {name: answer.written() for name, answer in self.answers.items()}


def stored_answers(stored: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers as a row holds them; they were read before they were stored."""
    found = {name: Answer.read(written) for name, written in stored.items()}
    return {name: answer for name, answer in found.items() if answer is not None}
