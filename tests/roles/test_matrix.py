"""Role x action x whose record it is: what comes back and what stands in the rows afterwards.

What is expected is worked out from the role's own table, through services, API and designer alike.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import text

from crm_store.lists.deal_board import BoardFilter
from crm_store.lists.deals import DealFilter
from crm_store.lists.tickets import TicketFilter
from crm_store.session import Store
from engine.api.app import create_app
from engine.errors import CadenzaError, NotAllowed, NotFound
from engine.services.actor import SYSTEM, Actor, hidden_fields, scope_of
from engine.services.api_keys import create_api_key
from engine.services.deals.activities import activities_of, set_task_done
from engine.services.deals.board import cards_of, first_cards, read_board
from engine.services.deals.editing import edit_deal
from engine.services.deals.moving import move_deal
from engine.services.deals.reading import list_deals, show_deal
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.records import GiveTo, Selection, carry_out_page
from engine.services.records.editing import edit_account, edit_contact
from engine.services.records.exporting import csv_of_selection
from engine.services.sharing import shared_of
from engine.services.tickets.showing import list_tickets, show_ticket
from engine.services.tickets.talking import note
from engine.services.views.accounts import account_page
from engine.services.views.contacts import contact_card
from engine.services.views.grids import GridState, Moment, grid_count, grid_ids
from engine.services.work import Work, working
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.people import EVERYTHING, bearer
from tests.clock import Clock
from tests.roles.world import (
    ALL_ROLES,
    KINDS,
    MADE,
    Kind,
    World,
    furnish,
    furnish_pipeline,
    furnish_roles,
)

# What transactions have in common is read once; it knows nothing of who asks.
SHARED = shared_of(Plans())
# Through the API those of whom each kind of scope and of hidden field is seen.
BY_KEY = ("rep", "viewer", *MADE)
Deed = Callable[[Work, Actor, int], Awaitable[Any]]


async def test_everybody_sees_and_changes_what_their_role_says_and_nothing_else(
    store: Store, clock: Clock
) -> None:
    await furnish_roles(store)
    await furnish_pipeline(store)
    app = create_app(Parts(load(), store, clock.now))
    for role in ALL_ROLES:
        world = await furnish(store, role)
        actor = world.actors[role]
        await _services(store, clock, world, actor)
        if role in BY_KEY:
            await _api(app, store, clock, world, actor)


async def _services(store: Store, clock: Clock, world: World, actor: Actor) -> None:
    for kind in KINDS:
        scope = scope_of(actor, "read", kind)
        if kind != "activity":
            async with working(store, SHARED, NoPokes(), clock.now()) as work:
                listed = await _listed(work, actor, kind)
            ours = set(world.ids[kind].values())
            assert listed & ours == world.seen(kind, scope), (actor.role, "list", kind)
        for owner, id_ in world.ids[kind].items():
            about = (actor.role, kind, owner)
            seen = id_ in world.seen(kind, scope)
            if kind != "activity":
                deed = _READ[kind]
                assert await _done(store, clock, actor, deed, id_) is seen, ("read", *about)
            may = scope_of(actor, "edit", kind)
            changes = id_ in world.seen(kind, may)
            before = await _row(store, kind, id_)
            done = await _done(store, clock, actor, _EDIT[kind](world, owner), id_)
            assert done is changes, ("edit", *about)
            assert (await _row(store, kind, id_) != before) is changes, ("row", *about)
    await _bulk_and_export(store, clock, world, actor)


async def _listed(work: Work, actor: Actor, kind: Kind) -> set[int]:
    session = work.session
    try:
        if kind == "deal":
            found = {one.id for one in await list_deals(session, actor, DealFilter(), limit=500)}
            board = await read_board(work, actor, "new", BoardFilter())
            cards = await first_cards(work, actor, board, BoardFilter(), "newest")
            named = await cards_of(work, actor, range(1, 200), BoardFilter(), "newest")
            assert {one.id for one in named} == found
            assert sum(one.deals for one in board.columns) == len(found)
            assert {one.id for many in cards.values() for one in many} <= found
            return found
        moment = Moment(work.now, "UTC")
        state = GridState(kind)  # type: ignore[arg-type]  # an activity is not asked
        found = set(await grid_ids(session, actor, state, moment, after=0, limit=500))
        assert (await grid_count(session, actor, state, moment)).count == len(found)
        if kind == "ticket":
            lines = await list_tickets(session, actor, TicketFilter(), limit=500)
            assert {one.id for one in lines} == found
    except NotAllowed:
        return set()
    return found


async def _done(store: Store, clock: Clock, actor: Actor, deed: Deed, id_: int) -> bool:
    try:
        async with working(store, SHARED, NoPokes(), clock.now()) as work:
            await deed(work, actor, id_)
    except (NotAllowed, NotFound):
        return False
    return True


async def _read_contact(work: Work, actor: Actor, id_: int) -> None:
    card = await contact_card(work.session, actor, id_)
    hidden = hidden_fields(actor, "contact")
    assert card.hidden == hidden
    values = {
        "email": card.email,
        "phone": card.phone,
        "birthday": card.birthday,
        "city": card.city,
    }
    for name, value in values.items():
        assert (value is None) is (name in hidden), (actor.role, name)


_READ: dict[Kind, Deed] = {
    "contact": _read_contact,
    "account": lambda work, actor, id_: account_page(work.session, actor, id_),
    "deal": lambda work, actor, id_: show_deal(work, actor, id_),
    "ticket": lambda work, actor, id_: show_ticket(work.session, actor, id_, work.now, "UTC"),
}


def _task(world: World, owner: Any) -> Deed:
    async def deed(work: Work, actor: Actor, id_: int) -> None:
        await set_task_done(work, actor, world.ids["deal"][owner], id_, done=True)

    return deed


_EDIT: dict[Kind, Callable[[World, Any], Deed]] = {
    "contact": lambda _w, _o: (
        lambda work, actor, id_: edit_contact(work, actor, id_, {"job_title": "Baker"})
    ),
    "account": lambda _w, _o: (
        lambda work, actor, id_: edit_account(work, actor, id_, {"industry": "Bread"})
    ),
    "deal": lambda _w, _o: (
        lambda work, actor, id_: edit_deal(work, actor, id_, {"name": "Renamed"}, seen="*")
    ),
    "ticket": lambda _w, _o: lambda work, actor, id_: note(work, actor, id_, "seen"),
    "activity": _task,
}


async def _row(store: Store, kind: Kind, id_: int) -> str:
    """The record with what hangs on it, as text."""
    more = "|| (SELECT count(*) FROM ticket_comment c WHERE c.ticket_id = t.id)"
    query = f"SELECT t::text {more if kind == 'ticket' else ''} FROM {kind} t WHERE id = :id"
    async with store.transaction() as session:
        return str((await session.execute(text(query), {"id": id_})).scalar_one())


async def _bulk_and_export(store: Store, clock: Clock, world: World, actor: Actor) -> None:
    """Naming records by number is no way round: neither to change them nor to take them along."""
    moment = Moment(clock.now(), "UTC")
    every = Selection(GridState("contact"), tuple(world.ids["contact"].values()))
    lines: list[str] = []
    try:
        async for piece in csv_of_selection(store.transaction, actor, every, moment):
            lines += piece.splitlines()
    except NotAllowed:
        lines = []
    told = {int(line.split(",")[0]) for line in lines[1:]}
    assert told == world.seen("contact", scope_of(actor, "read", "contact")), actor.role
    if "email" in hidden_fields(actor, "contact"):
        assert not any("@" in line for line in lines), "a hidden address goes into no export"
    owners = await _owners(store, world)
    try:
        async with working(store, SHARED, NoPokes(), clock.now()) as work:
            await carry_out_page(work, actor, every, GiveTo(actor.id), moment)
    except NotAllowed:
        pass
    changed = {id_ for id_, owner in (await _owners(store, world)).items() if owners[id_] != owner}
    may = world.seen("contact", scope_of(actor, "edit", "contact"))
    assert changed == may - {world.ids["contact"]["self"]}, actor.role
    async with store.transaction() as session:
        for id_, owner in owners.items():
            await session.execute(
                text("UPDATE contact SET owner_id = :o WHERE id = :id"), {"o": owner, "id": id_}
            )


async def _owners(store: Store, world: World) -> dict[int, int | None]:
    async with store.transaction() as session:
        found = await session.execute(
            text("SELECT id, owner_id FROM contact WHERE id = ANY(:ids)"),
            {"ids": list(world.ids["contact"].values())},
        )
        return {row[0]: row[1] for row in found}


async def _api(app: FastAPI, store: Store, clock: Clock, world: World, actor: Actor) -> None:
    """The same through the door of programs, with a key that leaves nothing out."""
    async with store.transaction() as session:
        try:
            made = await create_api_key(
                session,
                SYSTEM,
                name="matrix",
                for_user=f"{actor.role}.self@example.com",
                scopes=EVERYTHING,
                now=clock.now(),
                lasts=timedelta(days=1),
            )
        except CadenzaError as error:
            raise AssertionError(actor.role) from error
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://test", headers=bearer(made.key)
    ) as client:
        for kind, path in (("contact", "contacts"), ("deal", "deals"), ("ticket", "tickets")):
            scope = scope_of(actor, "read", kind)  # type: ignore[arg-type]
            seen = world.seen(kind, scope)  # type: ignore[arg-type]
            ours = set(world.ids[kind].values())  # type: ignore[index]
            answer = await client.get(f"/api/{path}?limit=200")
            found = {one["id"] for one in answer.json()["items"]} if answer.is_success else set()
            assert found & ours == seen, (actor.role, path)
            for id_ in ours:
                one = await client.get(f"/api/{path}/{id_}")
                assert one.is_success is (id_ in seen), (actor.role, path, one.status_code)
                if not one.is_success:
                    assert one.status_code == (403 if scope is None else 404)
                    assert "Con " not in one.text
            may = world.seen(kind, scope_of(actor, "edit", kind))  # type: ignore[arg-type]
            if kind == "deal":
                for id_ in ours:
                    before = await _row(store, "deal", id_)
                    body = {"fields": {"name": f"By key {id_}"}}
                    await client.patch(f"/api/deals/{id_}", json=body, headers={"If-Match": "*"})
                    changed = await _row(store, "deal", id_) != before
                    assert changed is (id_ in may), (actor.role, "PATCH", id_)
            assert (await client.get(f"/api/{path}/999999")).status_code in (403, 404)


async def test_moving_somebody_elses_deal_is_refused_in_words(store: Store, clock: Clock) -> None:
    await furnish_roles(store)
    await furnish_pipeline(store)
    world = await furnish(store, "edits_team")
    actor = world.actors["edits_team"]
    async with working(store, SHARED, NoPokes(), clock.now()) as work:
        theirs = await move_deal(work, actor, world.ids["deal"]["stranger"], "offer", via="board")
        own = await move_deal(work, actor, world.ids["deal"]["colleague"], "offer", via="board")
        tasks = await activities_of(work.session, actor, world.ids["deal"]["stranger"])

    assert [one.code for one in theirs.problems] == ["not_theirs"]  # type: ignore[union-attr]
    assert not hasattr(own, "problems")
    assert [one.subject for one in tasks] == ["Task edits_team of stranger"]
