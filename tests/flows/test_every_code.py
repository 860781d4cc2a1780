"""Every code of a finding is explained to people, and some flow makes it appear."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.flows.check import check_flow
from engine.flows.checks.examined import Letter
from engine.flows.checks.outline import Outline, outline_of
from engine.flows.model import Flow, Purpose
from engine.flows.problems import Code, FlowProblem, FlowRefused, Severity
from engine.rules import parse
from engine.steps import STEP_KINDS
from tests.flows.reading import CATALOGUE, load, with_steps

PAGE = Path(__file__).parents[2] / "docs" / "flow_checks.md"
INVALID = Path(__file__).parent / "invalid"
LETTERS = {
    "offer": Letter(Purpose.MARKETING, frozenset({"contact.first_name"})),
    "answer": Letter(Purpose.SERVICE),
    "carrying": Letter(Purpose.SERVICE, of_files='There is no file "terms".'),
    "personal": Letter(Purpose.MARKETING, frozenset({"contact.custom.shoe_size"})),
}
KNOWN = {
    "flow": ["other"],
    "hook_source": ["shop"],
    "calendar": ["office"],
    "stage": ["won"],
    "channel": ["default"],
    "sender": ["shop"],
    "approval_chain": ["discount"],
    "escalation_policy": ["care"],
    "assignment": ["leads"],
}
END = "end: {do: exit}"
MAIL = "mail: {do: send_message, template: %s, next: end}"


def flow_of(
    steps: str,
    *,
    name: str = "trial",
    trigger: str = "{on: manual}",
    head: str = "",
    marketing: bool = False,
) -> str:
    text = with_steps(steps, head=head).replace("{on: manual}", trigger).replace("trial", name, 1)
    if marketing:
        text = text.replace("purpose: service", "purpose: marketing\nconsent_note: Asked.")
    return text


def outlined(text: str) -> Outline:
    flow = load(text)
    steps = {id_: STEP_KINDS[node.kind].read(node.settings) for id_, node in flow.nodes.items()}
    rule, by_event = flow.trigger.entry_rule, flow.trigger.starts_on is not None
    entry = None if rule is None else parse(rule, CATALOGUE, event_rule=by_event)
    return outline_of(flow, steps, entry)


def findings(flow: Flow, *others: str) -> list[FlowProblem]:
    return check_flow(
        flow,
        kinds=STEP_KINDS,
        catalogue=CATALOGUE,
        templates=LETTERS,
        known=KNOWN,
        others=[outlined(other) for other in others],
    )


@dataclass
class Case:
    """A flow with one finding among the `others`; `pointer` is where it stands."""

    text: str
    pointer: str
    others: tuple[str, ...] = field(default=())
    severity: Severity = Severity.WARNING


CALM = f"a: {{do: wait, for: 1d, next: end}}\n{END}"
SETS = "a: {do: update_record, set: {lead_status: %s}, next: end}\n" + END
IN_SG = '{on: segment, when: {"==": [{var: contact.country}, SG]}}'
IN_DE = IN_SG.replace("SG", "DE")
TELLS = "a: {do: record_event, event: %s, next: end}\n" + END
ERROR = Severity.ERROR

CASES = {
    Code.UNREACHABLE_NODE: Case(flow_of(f"{CALM}\nlost: {{do: exit}}"), "/steps/lost", (), ERROR),
    Code.LOOP_WITHOUT_WAIT: Case(
        flow_of("a: {do: update_record, set: {source: web}, next: a}"), "/steps/a", (), ERROR
    ),
    Code.ENDLESS_LOOP: Case(
        flow_of("a: {do: adjust_score, by: 1, next: pause}\npause: {do: wait, for: 1mo, next: a}"),
        "/steps/a",
    ),
    Code.UNREACHABLE_CASE: Case(
        flow_of(
            f"a: {{do: branch, cases: [{{when: true, next: end}}, "
            f'{{when: {{"==": [{{var: contact.country}}, SG]}}, next: end}}], else: end}}\n{END}'
        ),
        "/steps/a/cases/1",
        (),
        ERROR,
    ),
    Code.OVERLAPPING_CASES: Case(
        flow_of(
            'a: {do: branch, cases: [{when: {"==": [{var: contact.country}, SG]}, next: end}, '
            f'{{when: {{">": [{{var: contact.score}}, 5]}}, next: end}}], else: end}}\n{END}'
        ),
        "/steps/a/cases/1",
    ),
    Code.NEVER_TRUE: Case(
        flow_of(
            CALM,
            trigger='{on: segment, when: {and: [{"==": [{var: contact.country}, SG]}, '
            '{"==": [{var: contact.country}, DE]}]}}',
        ),
        "/trigger/when/and/1",
        (),
        ERROR,
    ),
    Code.LEAVES_AT_ONCE: Case(
        flow_of(CALM, trigger=IN_SG, head='exit_when: {"!=": [{var: contact.country}, DE]}'),
        "/exit_when",
        (),
        ERROR,
    ),
    Code.MISSING_TEMPLATE: Case(
        flow_of(f"{MAIL % 'ofer'}\n{END}"), "/steps/mail/template", (), ERROR
    ),
    Code.MISSING_VARIABLE: Case(
        flow_of(f"{MAIL % 'personal'}\n{END}", marketing=True), "/steps/mail/template", (), ERROR
    ),
    Code.MISSING_FILE: Case(
        flow_of(f"{MAIL % 'carrying'}\n{END}"), "/steps/mail/template", (), ERROR
    ),
    Code.MARKETING_IN_SERVICE: Case(flow_of(f"{MAIL % 'offer'}\n{END}"), "/steps/mail/template"),
    Code.SERVICE_IN_MARKETING: Case(
        flow_of(f"{MAIL % 'answer'}\n{END}", marketing=True), "/steps/mail/template"
    ),
    Code.SERVICE_AFTER_MARKETING: Case(
        flow_of(f"{MAIL % 'answer'}\n{END}", trigger="{on: event, event: Message Opened}"),
        "/trigger",
    ),
    Code.NO_CONSENT_NOTE: Case(
        flow_of(f"{MAIL % 'offer'}\n{END}").replace("service", "marketing"), "/purpose"
    ),
    Code.MANY_MESSAGES: Case(
        flow_of(
            "\n".join(
                f"m{at}: {{do: send_message, template: offer, next: m{at + 1}}}" for at in range(3)
            )
            + "\nm3: {do: exit}",
            marketing=True,
        ),
        "/steps",
    ),
    Code.MANY_ENTRIES: Case(
        flow_of(
            f"{MAIL % 'offer'}\n{END}",
            trigger="{on: event, event: Page Viewed}",
            head="entry: always",
            marketing=True,
        ),
        "/entry",
    ),
    Code.YEARS_SKIPPED: Case(
        flow_of(
            CALM,
            trigger="{on: date, field: birthday, yearly: true, calendar: lunar}",
            head="entry: {every: P1Y}",
        ),
        "/entry",
    ),
    Code.ENTRY_NEEDS_EVENT: Case(
        flow_of(CALM, head="entry: {once_per: order_id}"), "/entry", (), ERROR
    ),
    Code.FIELD_CONFLICT: Case(
        flow_of(SETS % "new"), "/steps/a", (flow_of(SETS % "connected", name="other"),)
    ),
    Code.SHARED_AUDIENCE: Case(
        flow_of(
            f"{MAIL % 'offer'}\n{END}", trigger="{on: event, event: Signed Up}", marketing=True
        ),
        "/trigger",
        (
            flow_of(
                f"{MAIL % 'offer'}\n{END}",
                name="other",
                trigger="{on: event, event: Signed Up}",
                marketing=True,
            ),
        ),
    ),
    Code.FLOW_CIRCLE: Case(
        flow_of(TELLS % "Left", trigger="{on: event, event: Entered}", head="entry: always"),
        "/trigger",
        (
            flow_of(
                TELLS % "Entered",
                name="other",
                trigger="{on: event, event: Left}",
                head="entry: always",
            ),
        ),
    ),
    Code.UNKNOWN_SEGMENT: Case(
        flow_of(CALM, trigger="{on: segment, segment: best}"), "/trigger/segment", (), ERROR
    ),
    Code.UNKNOWN_FLOW: Case(
        flow_of(f"a: {{do: start_flow, flow: nowhere, next: end}}\n{END}"),
        "/steps/a/flow",
        (),
        ERROR,
    ),
    Code.UNKNOWN_SOURCE: Case(
        flow_of(CALM, trigger="{on: webhook, source: nobody}"), "/trigger/source", (), ERROR
    ),
    Code.UNKNOWN_CALENDAR: Case(
        flow_of(f"a: {{do: wait, for: 4h, in: working_time, calendar: nowhere, next: end}}\n{END}"),
        "/steps/a/calendar",
        (),
        ERROR,
    ),
    Code.UNKNOWN_CHANNEL: Case(
        flow_of(f"a: {{do: send_message, template: note, channel: nowhere, next: end}}\n{END}"),
        "/steps/a/channel",
        (),
        ERROR,
    ),
    Code.UNKNOWN_ASSIGNMENT: Case(
        flow_of(f"a: {{do: assign, rules: nobodys, next: end}}\n{END}"),
        "/steps/a/rules",
        (),
        ERROR,
    ),
    Code.UNKNOWN_CHAIN: Case(
        flow_of(
            f"a: {{do: request_approval, title: May we, chain: nobodys, timeout: 1d, next: end}}"
            f"\n{END}"
        ),
        "/steps/a/chain",
        (),
        ERROR,
    ),
    Code.UNKNOWN_POLICY: Case(
        flow_of(f"a: {{do: escalate, title: Look, policy: nobodys, next: end}}\n{END}"),
        "/steps/a/policy",
        (),
        ERROR,
    ),
    Code.UNKNOWN_SENDER: Case(
        flow_of(f"a: {{do: send_message, template: note, sender: nobody, next: end}}\n{END}"),
        "/steps/a/sender",
        (),
        ERROR,
    ),
    Code.UNKNOWN_STAGE: Case(
        flow_of(f"a: {{do: move_stage, stage: nowhere, next: end}}\n{END}"),
        "/steps/a/stage",
        (),
        ERROR,
    ),
}


@pytest.mark.parametrize("code", CASES, ids=str)
def test_a_flow_with_this_mistake_is_told_so(code: Code) -> None:
    case = CASES[code]
    found = [problem for problem in said_of(case) if problem.code is code]
    assert [(problem.pointer, problem.severity) for problem in found] == [
        (case.pointer, case.severity)
    ]
    assert found[0].message.endswith((".", "?"))


def said_of(case: Case) -> list[FlowProblem]:
    try:
        return findings(load(case.text), *case.others)
    except FlowRefused as refused:
        return list(refused.flow_problems)


@pytest.mark.parametrize("code", Code, ids=str)
def test_every_code_is_explained(code: Code) -> None:
    assert f"| `{code.value}` |" in PAGE.read_text("utf-8")


def test_every_code_appears_in_some_test() -> None:
    lines = [
        line.split(" ")[1]
        for file in INVALID.glob("*.expected")
        for line in file.read_text("utf-8").splitlines()
    ]
    folder = INVALID.parents[1]
    tests = "".join(file.read_text("utf-8") for file in folder.rglob("test_*.py"))
    left = {code for code in Code if code.value not in lines and code not in CASES}
    assert {code for code in left if f"Code.{code.name}" not in tests} == set()
