"""A value that is not there."""

from __future__ import annotations

from jinja2 import Undefined


class Missing(Undefined):
    """What a template sees where a fact is absent or null.

    It behaves like absence in a rule: false in `if`, a comparison with it is false, `!=` true. A
    field of it is missing too. Printing it is an error, so nobody is greeted as "Dear None"; the
    `default` filter is the way out. Misspelled names do not get this far: `check_template` knows
    the facts.
    """

    __slots__ = ()

    def __str__(self) -> str:
        self._fail_with_undefined_error()
        return ""

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __contains__(self, item: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def _never(self, *_other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]

    def __hash__(self) -> int:
        return id(type(self))
