"""A message written for a sample of people, to see what would go wrong for whom. Nobody gets mail.

The same seed draws the same people, so that a mended template meets those it failed for.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_names
from crm_store.files import FileRow
from crm_store.recipients import Recipient
from engine.errors import Problem, Refused
from engine.rendering import RenderFailed
from engine.services.actor import Actor, allowed
from engine.services.files.enclosing import Wanted, refusal
from engine.services.files.using import known_files
from engine.services.roles.visibility import shows_address
from engine.services.templates import RenderedMessage
from engine.services.trying_messages.findings import Finding, Level, findings_of, size_of
from engine.services.trying_messages.letters import Desk
from engine.services.trying_messages.people import as_seen_by, drawn, read_by
from engine.services.trying_messages.verdicts import rulings_on
from engine.services.trying_messages.writers import writer_of

MOST_PEOPLE: Final = 500
USUAL_PEOPLE: Final = 50
# Of the people that a finding is about so many are named.
_NAMED: Final = 5
# Of each language so many subjects are shown.
_SUBJECTS: Final = 2


@dataclass(frozen=True, slots=True)
class Someone:
    contact_id: int
    name: str


@dataclass(frozen=True, slots=True)
class ProofFinding:
    """A finding with how many of the sample it is about; `people` are the first of them. `path` is
    the field that has no value, when it is about one."""

    level: Level
    code: str
    message: str
    path: str | None
    count: int
    people: tuple[Someone, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """How a letter begins for one of the sample."""

    contact_id: int
    name: str
    language: str
    subject: str
    html_bytes: int


@dataclass(frozen=True, slots=True)
class Proof:
    """`reach` counts what would become of the message now: "sent", or the code of what keeps it
    back. Sizes are of the HTML, in bytes; 0 when nothing could be written.
    """

    template: str
    version: str
    segment: str | None
    seed: int
    drawn: int
    written: int
    languages: Mapping[str, int]
    reach: Mapping[str, int]
    smallest_bytes: int
    usual_bytes: int
    largest_bytes: int
    largest: Someone | None
    findings: tuple[ProofFinding, ...]
    subjects: tuple[Subject, ...]


async def proof(
    session: AsyncSession,
    actor: Actor,
    desk: Desk,
    template: str,
    *,
    now: datetime,
    segment: str | None = None,
    people: int = USUAL_PEOPLE,
    seed: int = 0,
) -> Proof:
    """Write the message for some members of a segment, or for some of all contacts.

    Raises UnknownTemplate, NotFound for an unknown segment, and Refused for a size beyond
    MOST_PEOPLE.
    """
    for kind in ("template", "contact", "segment") if segment else ("template", "contact"):
        allowed(actor, "read", kind)
    if not 1 <= people <= MOST_PEOPLE:
        problem = Problem("/people", "out_of_range", f"draw from 1 to {MOST_PEOPLE} people")
        raise Refused("The proof was not made.", [problem])
    writer = await writer_of(session, desk, template, draft=False)
    ids = await drawn(session, segment, people, seed)
    found = await read_by(session, writer, ids)
    sample = [as_seen_by(actor, found[one]) for one in ids if one in found]
    known = await known_files(session, _files_of(desk, template))
    names = await contact_names(session, ids, by_address=shows_address(actor))
    zone = desk.sender.default_zone
    rulings = await rulings_on(session, found, writer.meta, zone, now)
    tally = await asyncio.to_thread(_written, desk, template, sample, known, names)
    tally.reach.update(one.code or "sent" for one in rulings.values())
    return tally.proof(template, segment, seed)


def _files_of(desk: Desk, template: str) -> set[str]:
    return {*desk.library.attachments(template), *desk.library.pictures(template)}


@dataclass(slots=True)
class _Tally:
    """What was seen, person by person."""

    drawn: int = 0
    version: str = ""
    languages: Counter[str] = field(default_factory=Counter)
    reach: Counter[str] = field(default_factory=Counter)
    sizes: list[tuple[int, Someone]] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    found: dict[tuple[Level, str, str | None], tuple[str, list[Someone], list[int]]] = field(
        default_factory=dict
    )

    def note(self, one: Finding, who: Someone, path: str | None = None) -> None:
        _, people, count = self.found.setdefault(
            (one.level, one.code, path), (one.message, [], [0])
        )
        count[0] += 1
        if len(people) < _NAMED:
            people.append(who)

    def written(self, letter: RenderedMessage, who: Someone) -> None:
        self.version = letter.version
        if self.languages[letter.language] < _SUBJECTS:
            size = size_of(letter)
            self.subjects.append(
                Subject(who.contact_id, who.name, letter.language, letter.subject, size)
            )
        self.languages[letter.language] += 1
        self.sizes.append((size_of(letter), who))

    def proof(self, template: str, segment: str | None, seed: int) -> Proof:
        sizes = [size for size, _ in self.sizes]
        largest = max(self.sizes, key=lambda one: one[0], default=(0, None))
        return Proof(
            template=template,
            version=self.version,
            segment=segment,
            seed=seed,
            drawn=self.drawn,
            written=len(sizes),
            languages=dict(sorted(self.languages.items())),
            reach=dict(self.reach.most_common()),
            smallest_bytes=min(sizes, default=0),
            usual_bytes=int(median(sizes)) if sizes else 0,
            largest_bytes=largest[0],
            largest=largest[1],
            findings=tuple(self._findings()),
            subjects=tuple(self.subjects),
        )

    def _findings(self) -> Iterator[ProofFinding]:
        order = {"problem": 0, "warning": 1, "note": 2}
        ranked = sorted(self.found.items(), key=lambda one: (order[one[0][0]], -one[1][2][0]))
        for (level, code, path), (message, people, count) in ranked:
            yield ProofFinding(level, code, message, path, count[0], tuple(people))


def _written(
    desk: Desk,
    template: str,
    sample: Sequence[Recipient],
    known: Mapping[str, FileRow],
    names: Mapping[int, str],
) -> _Tally:
    """Runs in a thread of its own: five hundred letters take a second."""
    tally = _Tally(drawn=len(sample))
    for recipient in sample:
        number = recipient.contact["id"]
        who = Someone(number, names.get(number, ""))
        try:
            letter = desk.write(template, recipient)
        except RenderFailed as error:
            failed = Finding("problem", f"template_{error.code}", error.message)
            tally.note(failed, who, error.path)
            continue
        tally.written(letter, who)
        for one in findings_of(letter):
            tally.note(one, who)
        missing = refusal(Wanted(letter.attachments, letter.pictures), known)
        if missing is not None:
            tally.note(Finding("problem", missing.code, missing.message), who)
    return tally
