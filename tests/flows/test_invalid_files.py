"""Every file under `invalid/` is named after its mistake; what is said of it lies beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.reading import refused

FOLDER = Path(__file__).parent / "invalid"
FILES = sorted(FOLDER.glob("*.yaml"))


def said_of(file: Path) -> list[str]:
    """One line a problem: line, column, code and sentence."""
    return [
        f"{problem.line}:{problem.column} {problem.code.value} {problem.message}"
        for problem in refused(file.read_bytes(), file.name)
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_invalid_file_is_refused_with_every_problem_and_its_place(file: Path) -> None:
    expected = file.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    assert said_of(file) == expected


def test_no_expectation_lies_around_without_its_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.expected")} == {path.stem for path in FILES}
