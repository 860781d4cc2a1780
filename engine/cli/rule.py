"""`cadenza rule`: check, explain, translate and test rules from files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from engine.cli._loop import run
from engine.cli._rule_options import language_from, usual_from
from engine.cli._rule_tree import tree_lines
from engine.cli._runtime import opened
from engine.cli.flow import text_of
from engine.errors import Refused
from engine.rules import Catalogue, Language, Rule, RuleProblem, Subject
from engine.rules.to_sql import NotInSql
from engine.rules.wording import describe
from engine.services.actor import SYSTEM
from engine.services.plans import current_catalogue
from engine.services.rules import Examined, Warned, examine, examine_closely, explain_rule
from engine.services.rules.asked import ORIGINS
from engine.services.rules.cases import CaseResult, run_cases
from engine.services.rules.files import PlacedRule, RuleFile, Usual, read_rule_file
from engine.services.rules.statements import plan_of_rule, statement_of

app = typer.Typer(help="Rules as files.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The rule's YAML or JSON file.")]
Custom = Annotated[
    bool,
    typer.Option("--custom", help="Ask the database for fields and segments of your own too."),
]
About = Annotated[str, typer.Option("--subject", help=f"One of {', '.join(get_args(Subject))}.")]
Event = Annotated[bool, typer.Option("--event", help="An event is at hand, as in a trigger.")]
From = Annotated[str, typer.Option("--from", help=f"What it is written in: {', '.join(ORIGINS)}.")]
At = Annotated[str | None, typer.Option(help="The moment to ask at, ISO 8601; now without it.")]
Zone = Annotated[str, typer.Option(help="The zone whose days and weeks count.")]
Spoken = Annotated[str, typer.Option("--language", help="en or zh.")]


@app.command()
def check(
    file: File,
    subject: About = "contact",
    event: Event = False,
    origin: From = "dialect1",
    custom: Custom = False,
    language: Spoken = "en",
) -> None:
    """Say everything that is wrong or doubtful in a rule file, by line. Needs no database."""
    usual = usual_from(None, "UTC", subject, origin, event=event)
    run(_check(_read(file, usual), language_from(language), custom=custom))


@app.command(name="test")
def run_cases_in(
    file: File,
    at: At = None,
    zone: Zone = "UTC",
    subject: About = "contact",
    event: Event = False,
    origin: From = "dialect1",
    custom: Custom = False,
    language: Spoken = "en",
) -> None:
    """Run the cases written beside a rule: facts, and whether it holds. Needs no database."""
    usual = usual_from(at, zone, subject, origin, event=event)
    run(_test(_read(file, usual), language_from(language), custom=custom))


@app.command()
def explain(
    file: File,
    contact: Annotated[str, typer.Option(help="The contact's number or e-mail address.")],
    at: At = None,
    origin: From = "dialect1",
    language: Spoken = "en",
) -> None:
    """Say whether a rule holds for a contact, and why: every condition with what it read."""
    usual = usual_from(at, "UTC", "contact", origin)
    run(_explain(_read(file, usual), contact, usual.now, language_from(language)))


@app.command()
def sql(
    file: File,
    at: At = None,
    zone: Zone = "UTC",
    origin: From = "dialect1",
    custom: Custom = False,
    analyze: Annotated[
        bool, typer.Option("--analyze", help="Carry it out, and print the measured plan.")
    ] = False,
) -> None:
    """Print the statement that finds the contacts of a rule, with its parameters."""
    usual = usual_from(at, zone, "contact", origin)
    run(_sql(_read(file, usual), usual, custom=custom or analyze, analyze=analyze))


async def _check(file: RuleFile, language: Language, *, custom: bool) -> None:
    wrong = 0
    async with _catalogue(custom=custom) as catalogue:
        for placed in _rules_in(file):
            examined = examine_closely(placed.asked, catalogue)
            wrong += len(examined.problems)
            _say("error", file, placed, examined.problems)
            _say("warning", file, placed, examined.warnings)
            if placed is file.rule and examined.rule is not None:
                typer.echo(describe(examined.rule.root, language, catalogue))
    if wrong:
        raise typer.Exit(1)


async def _test(file: RuleFile, language: Language, *, custom: bool) -> None:
    if not file.cases:
        raise Refused('The file has no cases. Write them under "cases", each with facts and holds.')
    async with _catalogue(custom=custom) as catalogue:
        results = run_cases(file, catalogue, language)
    for result in results:
        _say_result(result)
    passed = sum(result.outcome == "passed" for result in results)
    typer.echo(f"{passed} of {len(results)} cases passed.")
    if passed < len(results):
        raise typer.Exit(1)


async def _explain(file: RuleFile, contact: str, at: datetime, language: Language) -> None:
    placed = _one_rule(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        catalogue = await current_catalogue(session)
        _accepted(file, placed, catalogue)
        found = await explain_rule(
            session,
            SYSTEM,
            placed.asked,
            int(contact) if contact.isdecimal() else contact,
            at=at,
            default_zone=runtime.settings.company.default_zone,
        )
    verdict = "holds" if found.holds else "does not hold"
    who = f"{found.name or 'contact'} (number {found.contact_id})"
    typer.echo(f"The rule {verdict} for {who} at {found.at:%Y-%m-%d %H:%M:%S UTC}, {found.zone}:")
    typer.echo(f"{found.sentences[language]}\n")
    for line in tree_lines(found.explained, language, catalogue):
        typer.echo(line)


async def _sql(file: RuleFile, usual: Usual, *, custom: bool, analyze: bool) -> None:
    placed = _one_rule(file)
    async with _catalogue(custom=custom) as catalogue:
        rule = _accepted(file, placed, catalogue)
    try:
        statement = statement_of(rule, usual.now, placed.asked.zone)
    except NotInSql as error:
        raise Refused(f"This rule cannot be asked of all contacts: {error}") from error
    typer.echo(f"{statement.text};\n")
    for name, value in statement.parameters.items():
        shown = value.isoformat() if isinstance(value, date) else value
        typer.echo(f"-- :{name} = {json.dumps(shown, ensure_ascii=False, default=str)}")
    if analyze:
        async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
            for line in await plan_of_rule(session, SYSTEM, rule, usual.now, placed.asked.zone):
                typer.echo(line)


@asynccontextmanager
async def _catalogue(*, custom: bool) -> AsyncIterator[Catalogue]:
    """What rules may name: the standard facts, and from the database what people have added."""
    if not custom:
        yield Catalogue.standard()
        return
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        yield await current_catalogue(session)


def _read(file: Path, usual: Usual) -> RuleFile:
    return read_rule_file(text_of(file), file.name, usual)


def _rules_in(file: RuleFile) -> list[PlacedRule]:
    """Each rule of the file once."""
    own = [] if file.rule is None else [file.rule]
    return own + [case.rule for case in file.cases if case.rule is not file.rule]


def _one_rule(file: RuleFile) -> PlacedRule:
    if file.rule is None:
        raise Refused("The file is a list of cases. Give a file with one rule.")
    return file.rule


def _accepted(file: RuleFile, placed: PlacedRule, catalogue: Catalogue) -> Rule:
    examined: Examined = examine(placed.asked, catalogue)
    if examined.rule is None:
        problems = [file.problem(one, placed.pointer) for one in examined.problems]
        raise Refused("The rule has mistakes.", problems)
    return examined.rule


def _say(
    what: str, file: RuleFile, placed: PlacedRule, found: Iterable[RuleProblem | Warned]
) -> None:
    for one in found:
        pointer = placed.pointer + one.pointer
        place = file.line(pointer)
        typer.echo(f"{what}: {place}: {one.message} [{one.code} at {pointer or '/'}]", err=True)


def _say_result(result: CaseResult) -> None:
    if result.outcome == "passed":
        return
    typer.echo(f"{result.outcome}: {result.place}: {result.name}", err=True)
    if result.because:
        typer.echo(f"  the rule is the other way round {result.because}", err=True)
    for problem in result.problems:
        typer.echo(f"  {problem}", err=True)
