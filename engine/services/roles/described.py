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
are; admins copy one and change the copy at **Roles** in the designer.

## Whose records
{owned} have owners. For these a role says for {verbs} whose are meant:

| scope | the records |
|---|---|
| `own` | that one owns |
| `team` | those, one's team's and that of whoever reports to one, and nobody's |
| `all` | all of them |

A scope holds everywhere: lists, counts, boards, one record, changes to many at once, exports, the
API. A record one may not see looks as if it did not exist. Figures, forecasts, segments,
backtests and whatever else needs all records is refused to whoever may see only some: it says so.

## Fields that are not shown
{sensitive}, and fields that you defined yourselves, can be hidden from a role. On pages they say
*Hidden*, in exports `(hidden)`, in the API they are null. Lists are not narrowed or ordered by
them, rules of such people do not read them, and nobody changes them unseen.
{hiding}

## Who gives roles
Whoever may `manage` people. Nobody gives, makes or changes a role that allows more than they may
do themselves, nor resets, deactivates or makes keys for somebody who may do more. The last admin
stays one. Another role ends every sign-in of its person; what a role says counts within seconds.
A key for the API allows what the role of its person allows and its scopes do not leave out.

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
