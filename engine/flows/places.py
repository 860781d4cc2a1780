"""Where each part of a flow stands in its text."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.flows.problems import Code, FlowProblem, Path, Severity, pointer_to

Position = tuple[int, int]

_ABOUT_THE_KEY = frozenset({Code.UNKNOWN_KEY, Code.DUPLICATE_KEY, Code.UNKNOWN_EXIT})


@dataclass(slots=True)
class Places:
    """Lines and columns (both from 1) by JSON Pointer. A list item has a value place only."""

    file: str
    keys: dict[str, Position] = field(default_factory=dict)
    scalars: dict[str, Position] = field(default_factory=dict)
    collections: dict[str, Position] = field(default_factory=dict)

    def position(self, pointer: str, *, of_key: bool = False) -> Position:
        """The best place to look at: the value itself, or the key above what is long or missing."""
        if not of_key and pointer in self.scalars:
            return self.scalars[pointer]
        while pointer:
            for known in (self.keys, self.scalars, self.collections):
                if pointer in known:
                    return known[pointer]
            pointer = pointer.rpartition("/")[0]
        return self.collections.get("", (1, 1))

    def locate(self, problem: FlowProblem) -> FlowProblem:
        """The problem with its file, line and column."""
        line, column = self.position(problem.pointer, of_key=problem.code in _ABOUT_THE_KEY)
        return problem.at(self.file, line, column)

    def problem(self, code: Code, path: Path, message: str) -> FlowProblem:
        return self.locate(FlowProblem(code, pointer_to(path), message, Severity.ERROR))
