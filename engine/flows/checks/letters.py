"""The messages a flow sends: are they there, can they be written, does consent allow them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.flows.checks.examined import Examined, Letter, doubted, found
from engine.flows.model import Purpose
from engine.flows.problems import Code, FlowProblem, did_you_mean
from engine.rules import Catalogue

# Templates may name any custom field; whether it exists is known only here.
_CUSTOM: Final = ("contact.custom.", "account.custom.")


def letter_problems(seen: Examined) -> Iterator[FlowProblem]:
    if seen.names is None:
        return
    for name, step in seen.steps.items():
        for template in step.templates():
            if template not in seen.names:
                meant = did_you_mean(template, sorted(seen.names))
                message = f'step "{name}": there is no message template "{template}"; {meant}'
                yield found(Code.MISSING_TEMPLATE, ("steps", name, "template"), message)
            elif template in seen.letters:
                letter = seen.letters[template]
                yield from _variables(name, template, letter, seen.catalogue)
                yield from _purpose(name, template, letter, seen.flow.purpose)
                if letter.of_files is not None:
                    message = f'step "{name}": the message "{template}": {letter.of_files}'
                    yield found(Code.MISSING_FILE, ("steps", name, "template"), message)


def _variables(
    node: str, template: str, letter: Letter, catalogue: Catalogue
) -> Iterator[FlowProblem]:
    for variable in sorted(letter.reads):
        if variable.startswith(_CUSTOM) and not _known(variable, catalogue):
            message = (
                f'step "{node}": the message "{template}" reads "{variable}", but there is no such '
                "custom field; make the field, or change the template."
            )
            yield found(Code.MISSING_VARIABLE, ("steps", node, "template"), message)


def _known(variable: str, catalogue: Catalogue) -> bool:
    record, _, name = variable.partition(".")
    return name in catalogue.records["contact" if record == "contact" else "account"]


def _purpose(node: str, template: str, letter: Letter, purpose: Purpose) -> Iterator[FlowProblem]:
    at = ("steps", node, "template")
    if letter.purpose is Purpose.MARKETING and purpose is Purpose.SERVICE:
        message = (
            f'step "{node}": the message "{template}" is marketing, but a service flow asks nobody '
            "for consent; send a service message, or make the flow marketing."
        )
        yield doubted(Code.MARKETING_IN_SERVICE, at, message)
    if letter.purpose is Purpose.SERVICE and purpose is Purpose.MARKETING:
        message = (
            f'step "{node}": the message "{template}" is service, so it offers no way to '
            "unsubscribe and reaches only those who agreed to marketing; send a marketing message, "
            "or make the flow service."
        )
        yield doubted(Code.SERVICE_IN_MARKETING, at, message)
