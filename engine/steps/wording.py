"""Short templates inside steps, such as the title of a task."""

from __future__ import annotations

from engine.flows.problems import Code, SettingProblem
from engine.rendering import check_template, render_text
from engine.rules import Catalogue
from engine.steps.base import Place


def worded(source: str, here: Place) -> str:
    """The text for the run's subject, in its language and zone; raises RenderFailed."""
    contact = here.facts["contact"]
    language = contact.get("language") or "en"
    return render_text(source, here.facts, language=language, zone=here.zone)


def template_problems(key: str, source: str, catalogue: Catalogue) -> list[SettingProblem]:
    """Unknown facts and refused syntax, as problems of the setting `key`."""
    known = [path for path, _ in catalogue.readable(event_rule=False, derived=False)]
    return [
        SettingProblem((key,), Code.BAD_TEMPLATE, f'"{key}": {problem.message}', problem.code)
        for problem in check_template(source, known)
    ]
