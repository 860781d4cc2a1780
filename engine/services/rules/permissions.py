"""Who may ask what of a rule: whoever learns its answer learns of every kind of record it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Final, cast, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from engine.errors import NotAllowed
from engine.rules import Catalogue, RecordKind, Rule, Subject
from engine.rules.facts import LIST_KINDS
from engine.rules.ir import Path
from engine.services.actor import Actor, Kind, allowed, allowed_some, hidden_fields, may
from engine.services.plans import current_catalogue

_MEMBERSHIP: Final = ("contact", "segments")
# Below it the record whose fields an event says have changed.
_CHANGES: Final = ("event", "changes")
# A kind of record that is data about another one.
_PART_OF: Final[Mapping[str, Kind]] = {"change": "contact"}


def kinds_read(rule: Rule, subject: Subject, catalogue: Catalogue) -> Set[Kind]:
    """The kinds of records whose data the rule's answer gives away, its subject among them."""
    reads = rule.reads
    found: set[str] = {subject, *reads.records, *(LIST_KINDS[name] for name in reads.lists)}
    for path in reads.fields:
        found.update(_behind(path, catalogue))
        if path[:2] == _CHANGES and len(path) > 2:
            found.add(path[2])
    if _MEMBERSHIP in reads.fields:
        found.add("segment")
    return {kind_behind(record) for record in found}


def kind_behind(record: str) -> Kind:
    """The kind of thing that permissions know for a kind of record."""
    return _PART_OF.get(record, cast(Kind, record))


def may_know(
    actor: Actor,
    rule: Rule,
    subject: Subject,
    catalogue: Catalogue,
    *,
    seen_only: bool = False,
) -> None:
    """Return when the actor may read all that the rule reads; raise NotAllowed otherwise.

    `seen_only`: the answer is about subjects that the actor may see, and no others.
    Without this a rule would be a way to guess, one question at a time, what one may not see.
    """
    for kind in sorted(kinds_read(rule, subject, catalogue)):
        if seen_only and kind == subject:
            allowed_some(actor, "read", kind)
        else:
            allowed(actor, "read", kind)
    refuse_hidden(actor, rule)


def refuse_hidden(actor: Actor, rule: Rule) -> None:
    """Raise NotAllowed for a rule that reads a field this actor is not shown."""
    for path in sorted(rule.reads.fields):
        name = ".".join(path[1:])
        hidden = hidden_fields(actor, path[0])
        if name in hidden or ".".join(path[1:-1]) in hidden:
            raise NotAllowed(
                f"{actor.name} is not shown {path[0]}.{name} as {actor.role}, so rules of theirs "
                "do not read it."
            )


async def vocabulary(session: AsyncSession, actor: Actor, subject: Subject) -> Catalogue:
    """What this actor's rules may name. Segments they may not read do not exist for them."""
    allowed_some(actor, "read", subject)
    catalogue = await current_catalogue(session)
    return catalogue if may(actor, "read", "segment") else catalogue.with_segments({})


def _behind(path: Path, catalogue: Catalogue) -> Iterator[RecordKind]:
    """The records that a fact is worked out from, such as orders for the number of them."""
    kind = LIST_KINDS.get(path[0], cast(RecordKind, path[0]))
    for end in (len(path), len(path) - 1):
        # an amount of money is read in two parts, one level below its fact
        fact = catalogue.fact(kind, ".".join(path[1:end]))
        if fact is not None:
            yield from fact.follows


# A new kind of record is one that permissions know.
assert set(get_args(RecordKind)) - set(_PART_OF) <= set(get_args(Kind))
