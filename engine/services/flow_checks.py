"""The static check of a flow among everything that is there: messages, names, flows at work."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import definitions, flow_rows, versions_at_work
from crm_store.known_names import known_names
from engine.errors import Problem
from engine.flows.check import check_flow
from engine.flows.checks.examined import Letter
from engine.flows.checks.most_messages import DAY, WEEK, most_messages
from engine.flows.checks.outline import Outline, outline_of
from engine.flows.model import Flow, Purpose, from_definition
from engine.flows.problems import FlowProblem, SettingsRefused
from engine.rules import Catalogue, RuleRefused, parse
from engine.services.actor import SYSTEM
from engine.services.files.using import problems_of_templates
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS

log = logging.getLogger(__name__)

# An outline takes a few KiB; a workspace has some hundred flows at work.
_MOST_OUTLINES: Final = 1_000
# By the hash of the version, so that the same flow in another database is the same outline.
_outlines: OrderedDict[str, Outline] = OrderedDict()


async def flow_findings(
    session: AsyncSession, flow: Flow, *, catalogue: Catalogue, library: TemplateLibrary | None
) -> list[FlowProblem]:
    """Everything `check_flow` finds, pointers into the flow; a few small queries a call. Without a
    library messages are unchecked."""
    names = [row.name for row in await flow_rows(session)]
    problems: Mapping[str, list[Problem]] = {}
    if library is not None:
        await library.refresh(session)
        problems = await problems_of_templates(session, SYSTEM, library)
    return check_flow(
        flow,
        kinds=STEP_KINDS,
        catalogue=catalogue,
        templates=None if library is None else letters_of(library, problems),
        known={**await known_names(session), "flow": frozenset([*names, flow.name])},
        others=await flows_at_work(session, catalogue),
    )


def busiest(flow: Flow) -> tuple[int | None, int | None]:
    """The most messages one run sends within a day and within a week; None without a bound. Of a
    flow without mistakes of form.
    """
    steps = {id_: STEP_KINDS[node.kind].read(node.settings) for id_, node in flow.nodes.items()}
    return most_messages(flow, steps, DAY), most_messages(flow, steps, WEEK)


def letters_of(
    library: TemplateLibrary, problems: Mapping[str, list[Problem]] | None = None
) -> dict[str, Letter]:
    """The templates as the check knows them; `problems` are those of their files."""
    of_files = {name: found[0].message for name, found in (problems or {}).items()}
    return {
        name: Letter(
            Purpose(library.meta(name).purpose), library.reads((name,)), of_files.get(name)
        )
        for name in library.names()
    }


async def flows_at_work(session: AsyncSession, catalogue: Catalogue) -> list[Outline]:
    """Outlines of the flows that people enter now; one that cannot be read any more is left out."""
    at_work = await versions_at_work(session)
    wanted = {version: hash_ for _, version, hash_ in at_work if hash_ not in _outlines}
    stored = await definitions(session, wanted) if wanted else {}
    for version, hash_ in wanted.items():
        outline = _outlined(stored.get(version), catalogue)
        if outline is not None:
            _outlines[hash_] = outline
    found = [_outlines[hash_] for _, _, hash_ in at_work if hash_ in _outlines]
    for _, _, hash_ in at_work:
        if hash_ in _outlines:
            _outlines.move_to_end(hash_)
    while len(_outlines) > max(_MOST_OUTLINES, len(at_work)):
        _outlines.popitem(last=False)
    return found


def _outlined(stored: Mapping[str, Any] | None, catalogue: Catalogue) -> Outline | None:
    if stored is None:
        return None
    try:
        flow = from_definition(stored)
        steps = {id_: STEP_KINDS[node.kind].read(node.settings) for id_, node in flow.nodes.items()}
        rule = flow.trigger.entry_rule
        by_event = flow.trigger.starts_on is not None
        entry_rule = None if rule is None else parse(rule, catalogue, event_rule=by_event)
    except (RuleRefused, SettingsRefused, KeyError, ValueError):
        log.warning('the flow "%s" cannot be read, so others are not compared', stored.get("flow"))
        return None
    return outline_of(flow, steps, entry_rule)
