"""Which variables a template may read, and the nearest one to a wrong name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

Path = tuple[str, ...]

ITEM = "[]"
ANYTHING = "*"


class Vocabulary:
    """Built from dotted paths.

    "contact.first_name" is a field; "orders[].total" a field of each item of a list; "contact.tags"
    may be a list of plain items; "contact.custom.*" stands for any one name below it.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths: frozenset[str] = frozenset(paths)
        self._groups: set[str] = set()
        for path in self.paths:
            parts = path.split(".")
            for length in range(1, len(parts)):
                group = ".".join(parts[:length])
                self._groups.update((group, group.removesuffix(ITEM)))

    def knows(self, path: Path) -> bool:
        """Whether the path names a field, a group of fields or a list."""
        return self.is_field(path) or ".".join(path) in self._groups

    def is_field(self, path: Path) -> bool:
        """Whether the path names something that can be printed, or an item of such a thing."""
        name = ".".join(path)
        if name in self.paths or ".".join((*path[:-1], ANYTHING)) in self.paths:
            return True
        return path[-1].endswith(ITEM) and self.is_field((*path[:-1], path[-1].removesuffix(ITEM)))

    def is_list(self, path: Path) -> bool:
        """Whether a loop may walk through it; a field may turn out to be a list of plain items."""
        return f"{'.'.join(path)}{ITEM}" in self._groups or self.is_field(path)

    def nearest(self, path: Path) -> str | None:
        """The known name that was probably meant."""
        name = ".".join(path)
        printable = [known for known in self.paths if ANYTHING not in known and ITEM not in known]
        group = f"{'.'.join(path[:-1])}." if len(path) > 1 else ""
        siblings = [known for known in printable if group and known.startswith(group)]
        for among, likeness in ((siblings, 0.85), (printable, 0.75)):
            close = get_close_matches(name, among, n=1, cutoff=likeness)
            if close:
                return close[0]
        same_ending = sorted(known for known in printable if known.split(".")[-1] == path[-1])
        return same_ending[0] if same_ending else None
