"""What rules cost: one rule on a contact, 200 rules per event, 10,000 rules with the index.

Run: cadenza bench rules [contacts]. Prints microseconds of CPU, as the median of several
passes, beside other engines over the same rules and data, and checks that all engines find the
same. Peers that the product does not need are found by the environment; see _rule_peers.py.
"""

from __future__ import annotations

import platform
import random
import statistics
import sys
import time
import tracemalloc
from typing import Any

from benchmarks._rule_data import NOW, SOME_ORDER, TWELVE, facts, translated, trigger, with_seconds
from benchmarks._rule_peers import Engines, Run, datalogic, datalogic_many, node, python_jsonlogic
from benchmarks._rule_peers import zen as zen_engine
from engine.rules import Catalogue, Facts, Rule, parse
from engine.rules.index import Listens, RuleIndex

PASSES = 7
CATALOGUE = Catalogue.standard()
EVENTS = 300
Results = dict[str, tuple[float, int]]


def microseconds(run: Run, times_in_a_run: int, passes: int = PASSES) -> tuple[float, int]:
    """Median CPU time, and how many were found."""
    costs, found = [], 0
    for _ in range(passes):
        start = time.process_time()
        found = run()
        costs.append((time.process_time() - start) / times_in_a_run * 1e6)
    return statistics.median(costs), found


def show(title: str, results: Results) -> None:
    print(f"\n{title}")
    ours = next(iter(results.values()))[0]
    for name, (cost, found) in results.items():
        print(f"{name:42} {cost:10.2f} us  x {cost / ours:7.2f}   {found:,} found")
    assert len({found for _, found in results.values()}) == 1, "the engines disagree"


def own(rule: Rule, everybody: list[Facts]) -> Engines:
    def at_once() -> int:
        test = rule.at(NOW)
        return sum([test(one) for one in everybody])

    def one_by_one() -> int:
        holds = rule.holds
        return sum([holds(one, NOW) for one in everybody])

    return {"cadenza, rule.at(now)": at_once, "cadenza, rule.holds(facts, now)": one_by_one}


def one_rule(title: str, document: Any, everybody: list[Facts]) -> None:
    theirs = [with_seconds(one) for one in everybody]
    plain = translated(document)
    engines = own(parse(document, CATALOGUE, event_rule=False), everybody)
    engines |= datalogic(plain, theirs)
    if "some" not in str(document):
        engines |= python_jsonlogic(plain, theirs)
    engines |= zen_engine(plain, theirs)
    results = {name: microseconds(run, len(everybody)) for name, run in engines.items()}
    show(f"{title}, {len(everybody):,} contacts", results | node([plain], theirs, PASSES))


def all_of(rules: list[Rule], everybody: list[Facts]) -> Run:
    tests = [rule.at(NOW) for rule in rules]

    def run() -> int:
        return sum([test(one) for one in everybody for test in tests])

    return run


def indexed(rules: list[Rule], kinds: int) -> RuleIndex[int]:
    index: RuleIndex[int] = RuleIndex()
    for number, rule in enumerate(rules):
        index.put(number, rule, Listens(frozenset({f"Event {number % kinds}"})))
    return index


def by_index(index: RuleIndex[int], kinds: int, everybody: list[Facts]) -> Run:
    events = [(f"Event {number % kinds}", one) for number, one in enumerate(everybody)]

    def run() -> int:
        return sum([len(index.matching(name, (), one, NOW)) for name, one in events])

    return run


def rules_per_event(count: int, chance: random.Random, everybody: list[Facts], few: int) -> None:
    """The index beside engines that are asked about every rule; slow ones get `few` events."""
    documents = [trigger(chance) for _ in range(count)]
    rules = [parse(document, CATALOGUE, event_rule=True) for document in documents]
    some = everybody[:few]
    theirs, plain = [with_seconds(one) for one in some], [translated(one) for one in documents]
    index = indexed(rules, 1)
    asked = {"cadenza, index": by_index(index, 1, some)}
    asked |= {"cadenza, every rule": all_of(rules, some)} | datalogic_many(plain, theirs)
    results = {name: microseconds(run, few, 3) for name, run in asked.items()}
    show(f"{count:,} rules that listen to one event", results | node(plain, theirs, 3))
    if count >= 10_000:
        the_index_alone(rules, everybody)


def the_index_alone(rules: list[Rule], everybody: list[Facts]) -> None:
    print(f"\nthe index of {len(rules):,} rules")
    for kinds in (20, 1):
        index, start = indexed(rules, kinds), time.process_time()
        by_index(index, kinds, everybody[:kinds])()
        took = time.process_time() - start
        run = by_index(index, kinds, everybody)
        cost, found = microseconds(run, len(everybody))
        least = min(microseconds(run, len(everybody), 1)[0] for _ in range(PASSES))
        change = _change(index, rules, everybody[0], kinds)
        print(
            f"{kinds:3} kinds of events: {cost:8.1f} us per event (least {least:.1f}), "
            f"{found / len(everybody):.1f} rules found; arranged in {took:.2f} s; "
            f"a changed rule and the next event {change:,.0f} us"
        )
    for kinds in (20, 1):
        index = indexed(rules, kinds)
        tracemalloc.start()
        by_index(index, kinds, everybody)()
        print(f"{kinds:3} kinds of events: {tracemalloc.get_traced_memory()[0] / 2**20:.1f} MiB")
        tracemalloc.stop()


def _change(index: RuleIndex[int], rules: list[Rule], one: Facts, kinds: int) -> float:
    """What it costs to put a rule in place of another and to ask again."""
    name = "Event 0"
    index.matching(name, (), one, NOW)
    costs = []
    for number in range(0, kinds * 20, kinds):
        start = time.process_time()
        index.put(number, rules[number + kinds], Listens(frozenset({name})))
        index.matching(name, (), one, NOW)
        costs.append((time.process_time() - start) * 1e6)
    return statistics.median(costs)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    chance = random.Random(1)
    everybody = [facts(chance) for _ in range(size)]
    machine = platform.processor() or platform.machine()
    print(f"{machine}, Python {platform.python_version()}, CPU time, median of {PASSES} passes")
    one_rule("a rule of twelve conditions", TWELVE, everybody)
    one_rule("the same and some(orders)", SOME_ORDER, everybody)
    rules_per_event(200, chance, everybody[:EVENTS], few=EVENTS)
    rules_per_event(10_000, chance, everybody[:EVENTS], few=10)


if __name__ == "__main__":
    main()
