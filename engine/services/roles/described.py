"""The page of the documentation about roles, written from the table that decides.

`python -m engine.services.roles.described > docs/roles.md` writes it; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from engine.services.actor import OWNED, OWNER_VERBS, SENSITIVE, SHIPPED, Kind
from engine.services.roles.asked import GROUPS

_TITLES: Final[Mapping[str, str]] = {
    "customers": "Customers",
    "sales": "Sales",
    "campaigns": "Campaigns",
    "work": "Rules of work and people",
    "operation": "Operation",
}
_HEAD: Final = """\
# Roles
<!-- Written by `python -m engine.services.roles.described > docs/roles.md`; a test compares. -->
A role says what somebody may do (a verb on a kind of thing), to whose records, and which fields
they are not shown. What no role says is refused. Six roles come with Cadenza and stay as they
are; admins copy one and change the copy at **Roles** in the designer, with `cadenza role show` and
`put`, or over [the API](api.md#who-may-come-in).

## Whose records
{owned} have owners. For these a role says for {verbs} whose are meant:

| scope | the records |
|---|---|
| `own` | that one owns |
| `team` | those, one's team's and that of whoever reports to one, and nobody's |
| `all` | all of them |

A scope holds everywhere: lists, counts, boards, one record, changes to many at once, exports, the
API. A record one may not see looks as if it did not exist. Runs and messages follow their contact:
who sees some contacts sees the runs of those and what was sent to them; who may read no contact
sees the work of a flow without names.

Whoever may see only some records has these figures of those alone: the start page, the board and
its sums, forecast and its accuracy, conversion, performance, bottlenecks, aging, targets of the
people whose deals they see, the members and samples of a segment, and how many a rule holds for.
How likely a stage is won stays measured on all deals, as a share, and the size of a segment, the
figures on a flow and of messages count everybody without naming anybody. What cannot be said of
some is refused, in words that say why: trying a pipeline on what happened, simulations, backtests
and proofs, why somebody is in a flow or not, what is due soon, the times of tickets, decision
tables tried on contacts, the list of addresses not written to, saving a segment, doubles and
exports for privacy. Ask a colleague who may see all, or an admin for a role that may.

## Fields that are not shown
{sensitive}, and fields that you defined yourselves, can be hidden from a role. On pages they say
*Hidden*, in exports `(hidden)`, in the API they are null. Lists are not narrowed or ordered by
them, rules of such people do not read them, and nobody changes them unseen. They are hidden where
they stand in something else too: properties of events, the journal of a run, messages and their
subjects, letters that are tried, members of segments, former values. An address is known there by
how it looks, other fields by the name they stand under: a telephone number that somebody wrote
into a note is not found. Names are found by a search then, and addresses are not.
{hiding}

## Who gives roles
Whoever may `manage` people. Nobody gives, makes or changes a role that allows more than they may
do themselves, nor resets, deactivates or makes keys for somebody who may do more. Whoever sees
their team's records alone does not choose who is in their team. The last admin stays one. Another
role ends every sign-in of its person; what a role says counts within seconds. A key for the API
allows what the role of its person allows and its scopes do not leave out, and with `manage:user`
among them it gives no more than what is left. What somebody is asked by
mail, decides by a link or set going that ends later (an approval, a handover) is done with the role
they have then.

## What the roles that come with Cadenza may do
`all` is meant where nothing is said.
"""


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    hiding = [
        f"Of those that come with Cadenza, `{role}` is not shown "
        f"{', '.join(f'`{one}`' for one in sorted(grants.hidden))}."
        for role, grants in SHIPPED.items()
        if grants.hidden
    ]
    yield _HEAD.format(
        owned=_listed(tuple(f"{one}s" if one != "activity" else "activities" for one in OWNED)),
        verbs=_listed(tuple(f"`{one}`" for one in OWNER_VERBS)),
        sensitive=_listed(tuple(f"`{one}`" for one in SENSITIVE)),
        hiding="\n".join(hiding),
    ).rstrip()
    for group, kinds in GROUPS.items():
        yield ""
        yield f"### {_TITLES[group]}"
        yield f"| | {' | '.join(SHIPPED)} |"
        yield f"|---|{'---|' * len(SHIPPED)}"
        for kind in kinds:
            cells = " | ".join(_cell(role, kind) for role in SHIPPED)
            yield f"| {kind.replace('_', ' ')} | {cells} |"


def _cell(role: str, kind: Kind) -> str:
    grants, said = SHIPPED[role], []
    for verb in next(kinds[kind] for kinds in GROUPS.values() if kind in kinds):
        scope = grants.scope(verb, kind)
        if scope is not None:
            said.append(verb if scope == "all" else f"{verb} ({scope})")
    return ", ".join(said) or "–"


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


if __name__ == "__main__":
    sys.stdout.write(page())
