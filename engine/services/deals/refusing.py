"""A refused move as an error, for doors that ask for a single one."""

from __future__ import annotations

from engine.errors import Conflict, Refused
from engine.services.deals.answers import MoveAnswer, MoveRefused


class MovedMeanwhile(Conflict):
    """The deal does not stand where the caller has seen it."""

    code = "moved_meanwhile"


def made_or_refused(answer: MoveAnswer) -> MoveAnswer:
    """The answer of a move that was made or waits. Raises Refused with every problem, and
    MovedMeanwhile where the deal stands elsewhere by now."""
    if not isinstance(answer, MoveRefused):
        return answer
    if any(problem.code == "moved_meanwhile" for problem in answer.problems):
        raise MovedMeanwhile(f"The deal stands on {answer.stage} by now. Look again, then move it.")
    raise Refused(f"The deal stays on {answer.stage}.", answer.problems)
