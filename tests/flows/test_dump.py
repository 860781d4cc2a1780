from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.dump import dump_flow
from engine.flows.load import SUBJECTS
from engine.flows.model import (
    Entry,
    EntryPolicy,
    Flow,
    Goal,
    Node,
    Purpose,
)
from engine.flows.triggers import (
    EventTrigger,
    FlowTrigger,
    ManualTrigger,
    RecordTrigger,
    SegmentTrigger,
    WebhookTrigger,
)
from engine.steps import STEP_KINDS
from engine.steps.record_event import OURS, RESERVED
from tests.flows.reading import load, with_steps

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
# Everything a text may hold: what YAML would take for something else, and what must be escaped.
TEXTS = st.one_of(
    st.sampled_from(
        ["on", "NO", "null", "~", "true", "1e5", "0", "-", "- a", "a: b", "#x", "<<", "=", "*a"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
)
LINES = TEXTS.filter(lambda text: bool(text.strip()))
SPANS = st.sampled_from(["3d", "P3D", "90m", "1mo", "P1Y2M3DT4H", "1d12h"])
PATHS = st.sampled_from(["contact.country", "contact.first_name", "contact.city", "contact.source"])
NUMBERS = st.one_of(
    st.integers(-(2**50), 2**50),
    st.floats(1e-9, 1e9).map(lambda number: round(number, 6)).filter(lambda n: n % 1 != 0),
)
LEAVES = st.one_of(
    st.booleans(),
    st.tuples(st.sampled_from(["==", "!=", "contains"]), PATHS, LINES).map(
        lambda parts: {parts[0]: [{"var": parts[1]}, parts[2]]}
    ),
    st.tuples(st.sampled_from(["<", ">=", "=="]), NUMBERS).map(
        lambda parts: {parts[0]: [{"var": "contact.score"}, parts[1]]}
    ),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"!": [part]}),
    ),
    max_leaves=6,
)


def settings_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    match kind:
        case "send_message":
            return st.fixed_dictionaries({"template": NAMES})
        case "wait":
            counting = {"in": st.just("working_time"), "calendar": NAMES}
            working = {"for": st.sampled_from(["P3D", "8h"]), **counting}
            return st.fixed_dictionaries({"for": SPANS}) | st.fixed_dictionaries(working)
        case "wait_for":
            required = {"event": LINES, "timeout": SPANS}
            return st.fixed_dictionaries(required, optional={"when": RULES})
        case "wait_until":
            clock = st.times().map(lambda at: f"{at:%H:%M}")
            days = st.lists(st.sampled_from(["mon", "wed", "sun"]), unique=True)
            hours = st.fixed_dictionaries(
                {"at": clock}, optional={"until": clock, "weekdays": days}
            )
            of_date = {"at": clock, "date": st.just("birthday"), "offset": st.just("-3d")}
            return hours | st.fixed_dictionaries(of_date, optional={"yearly": st.booleans()})
        case "jump":
            return st.fixed_dictionaries({"at_most": st.integers(1, 9)})
        case "adjust_score":
            return st.fixed_dictionaries({"by": st.integers(1, 9)})
        case "branch":
            case_ = st.fixed_dictionaries({"when": RULES}, optional={"label": LINES})
            return st.fixed_dictionaries({"cases": st.lists(case_, min_size=1, max_size=3)})
        case "split":
            arm = st.fixed_dictionaries({"name": NAMES, "weight": st.integers(1, 100)})
            arms = st.lists(arm, min_size=2, max_size=3, unique_by=lambda arm: arm["name"])
            return st.fixed_dictionaries({"arms": arms})
        case "update_record":
            values = st.dictionaries(
                st.sampled_from(["first_name", "city", "source"]),
                st.one_of(st.none(), LINES),
                min_size=1,
            )
            return st.fixed_dictionaries({"set": values}, optional={"add_tags": st.lists(LINES)})
        case "create_task":
            title = st.sampled_from(["Call {{ contact.first_name }}", "Rufen: 'an'", "打电话"])
            return st.fixed_dictionaries({"title": title}, optional={"due": SPANS})
        case "assign":
            return st.fixed_dictionaries({"team": LINES}, optional={"by": st.just("least_open")})
        case "move_stage":
            return st.fixed_dictionaries({"stage": LINES}, optional={"lost_reason": LINES})
        case "create_record":
            needed = {"record": st.just("deal"), "title": st.just("Deal")}
            return st.fixed_dictionaries(needed, optional={"stage": LINES, "closes_in": SPANS})
        case "record_event":
            names = LINES.filter(lambda name: name.isprintable() and name not in OURS)
            keys = names.filter(lambda name: name != RESERVED)
            values = st.dictionaries(keys, st.one_of(LINES, st.none(), st.booleans()), max_size=3)
            return st.fixed_dictionaries({"event": names}, optional={"properties": values})
        case "start_flow":
            return st.fixed_dictionaries({"flow": NAMES})
        case "notify":
            told = {"to": st.just("team:Sales")}
            return st.fixed_dictionaries({"title": st.just("Look here")}, optional=told)
        case "call_webhook":
            return st.just({"url": "https://example.com/hook", "method": "POST"})
        case "request_approval":
            return st.just({"title": "May we?", "timeout": "P2D"})
        case "escalate":
            return st.just({"title": "Somebody must look", "levels": [{"to": "owner"}]})
        case _:
            return st.fixed_dictionaries({}, optional={"outcome": NAMES})


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    nodes = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(STEP_KINDS)))
        chosen = draw(settings_of(kind))
        exits = {
            exit_name: draw(st.sampled_from(names))
            for exit_name in STEP_KINDS[kind].read(chosen).exit_names()
        }
        nodes[name] = Node(name, kind, chosen, exits)
    return Flow(
        name=draw(NAMES),
        label=draw(LINES),
        subject=SUBJECTS[0],
        purpose=draw(st.sampled_from(Purpose)),
        trigger=draw(
            st.one_of(
                st.just(ManualTrigger()),
                st.builds(EventTrigger, event=LINES, when=st.none() | RULES),
                st.builds(SegmentTrigger, when=RULES),
                st.builds(WebhookTrigger, source=NAMES, event=st.none() | LINES, when=RULES),
                st.builds(FlowTrigger, flow=NAMES, outcome=st.none() | LINES),
                st.builds(RecordTrigger, record=st.just("deal"), when=st.none() | RULES),
            )
        ),
        first=draw(st.sampled_from(names)),
        nodes=nodes,
        entry=draw(
            st.one_of(
                st.sampled_from(["once", "after_exit", "always"]).map(
                    lambda policy: Entry(EntryPolicy(policy))
                ),
                st.builds(Entry, st.just(EntryPolicy.ONCE_PER), LINES),
                st.builds(Entry, st.just(EntryPolicy.EVERY), SPANS),
            )
        ),
        exit_when=draw(st.none() | RULES),
        goal=draw(st.none() | st.builds(Goal, LINES, st.none() | SPANS)),
        holdout_percent=draw(st.integers(0, 100)),
        consent_note=draw(st.none() | LINES),
    )


@given(flows())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_to_an_equal_flow(flow: Flow) -> None:
    text = dump_flow(flow, kinds=STEP_KINDS)
    again = load(text)
    assert again == flow
    assert again.hash() == flow.hash()
    assert dump_flow(again, kinds=STEP_KINDS) == text


def dumped(steps: str) -> str:
    return dump_flow(load(with_steps(steps)), kinds=STEP_KINDS)


def test_a_short_step_takes_one_line_and_a_long_one_a_line_for_each_case() -> None:
    singapore = '{label: From Singapore, when: {"==": [{var: contact.country}, SG]}, next: end}'
    berlin = '{when: {"==": [{var: contact.city}, Berlin]}, next: end}'
    text = dumped(
        f"ask: {{do: branch, cases: [{singapore}, {berlin}], else: end}}\nend: {{do: exit}}"
    )
    lines = text.splitlines()
    assert "  end: {do: exit}" in lines
    assert f"    - {singapore}".replace('"', "") in lines
    assert f"    - {berlin}".replace('"', "") in lines


def test_words_are_quoted_only_where_they_would_mean_something_else() -> None:
    values = '{city: "007", country: NO, source: "true"}'
    text = dumped(f"a: {{do: update_record, set: {values}, next: b}}\nb: {{do: exit}}")
    assert "{city: 007, country: NO, source: 'true'}" in text
