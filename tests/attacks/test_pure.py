"""Attacks that need no server."""

from __future__ import annotations

import pytest

from tests.attacks import files, links, rules, templates
from tests.attacks.case import Case

CASES = [*templates.CASES, *rules.CASES, *files.CASES, *links.CASES]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_ends_as_expected(case: Case) -> None:
    case.run()


def test_every_case_says_who_wrote_about_it_and_what_must_happen() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.source.startswith(("CWE-", "CVE-", "RFC ", "OWASP ")), case.name
        assert case.expected
