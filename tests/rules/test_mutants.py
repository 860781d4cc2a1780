"""The comparison of the ways of asking a rule has teeth: it finds faults that are put in on
purpose.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from engine.rules import RuleRefused
from tests.rules.agreement import World, differences, parsed
from tests.rules.mutants import ALL, Mutant
from tests.rules.random_rules import rules

# With MUTANTS=3000 every fault must be found among so many rules of every kind. A push tries rules
# of the kind that can show it, always the same ones.
BOUND = int(os.environ.get("MUTANTS", "0"))
NEARBY = 150


class Found(Exception):
    """A rule shows the fault."""


def rules_until_found(world: World, mutant: Mutant, bound: int) -> int | None:
    """How many rules it took, or None when all of them passed."""
    asked = 0

    @seed(11)
    @given(rules if BOUND else mutant.near)
    @settings(
        max_examples=bound,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def ask(document: Any) -> None:
        nonlocal asked
        asked += 1
        try:
            rule = parsed(document)
        except RuleRefused:
            return
        if differences(world, rule, [mutant.reach]):
            raise Found

    try:
        ask()
    except Found:
        return asked
    return None


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_fault_put_in_on_purpose_is_found(
    world: World, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.plant(monkeypatch)
    asked = rules_until_found(world, mutant, BOUND or NEARBY)
    assert asked is not None, "every rule passed, although there is a fault"
    print(f"{mutant.name}: found after {asked} rules")  # noqa: T201 - shown with pytest -rP
