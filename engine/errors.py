"""Everything Cadenza refuses or fails at, as one family.

    CadenzaError               `str(error)` says what happened, to what, what to do
    |- NotFound          not_found      it does not exist, or not for this person
    |- Refused           refused        wrong input; `problems` has every mistake with its place
    |  `- SettingsRefused  settings     the environment is wrong; the start stops
    |- Conflict          conflict       right input, but not in the present state ("cannot now")
    |- NotAllowed        not_allowed    signed in, and still not permitted
    |  `- NotSignedIn    not_signed_in  nobody is signed in, or the key is unknown
    |- LimitReached      limit_reached  too much or too often; `retry_after` says when
    `- Unavailable       unavailable    something we depend on does not answer; waiting may help
       `- DiskFull       disk_full      no room left to write to

Callers decide by class or by `code`, never by the words. Codes are stable: clients store them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in what somebody gave us.

    `place` is where they will find it: a JSON pointer (`/steps/hello/template`), a file with its
    line (`win_back.yaml:31`), a column and row (`row 14, email`) or an environment name. `code` is
    stable.
    """

    place: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class CadenzaError(Exception):
    """The root. `retryable` tells a caller (and an activity) if doing the same again may help."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class NotFound(CadenzaError):
    """The thing named does not exist, or this person may not see it: the two look the same."""

    code = "not_found"


class Refused(CadenzaError):
    """Wrong input. All mistakes come at once, so that nobody fixes them one round at a time."""

    code = "refused"

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])


class SettingsRefused(Refused):
    """The environment cannot be started with; each problem's place is the variable's name."""

    code = "settings"


class Conflict(CadenzaError):
    """The request is well formed, but the present state forbids it; it may succeed later."""

    code = "conflict"


class NotAllowed(CadenzaError):
    """The person is known and lacks the permission. Whoever checks says `who` asked and for `what`,
    such as `edit:deal`, for the audit; `noted` once it stands there."""

    code = "not_allowed"

    def __init__(self, message: str, *, who: object = None, what: str = "") -> None:
        super().__init__(message)
        self.who = who
        self.what = what
        self.noted = False


class NotSignedIn(NotAllowed):
    """Nobody is signed in, or the key is unknown or expired."""

    code = "not_signed_in"


class LimitReached(CadenzaError):
    """Too much or too often. `retry_after` is None when waiting does not help (too large)."""

    code = "limit_reached"

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(CadenzaError):
    """Something outside this process does not answer: database, Temporal, mail server."""

    code = "unavailable"
    retryable = True


class DiskFull(Unavailable):
    """There is no room left where we must write; nothing is lost, nothing new is accepted."""

    code = "disk_full"
