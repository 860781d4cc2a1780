"""`POST /api/templates/{name}/{preview,proof,test}`: trying a message before people get it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.shapes import trying_messages as shapes
from engine.api.shapes.files import FileLine
from engine.api.shapes.segments import NAME
from engine.services.trying_messages import Desk, Preview, TestAsk, preview, proof, send_test

Name = Annotated[str, Path(pattern=NAME)]


def trying_messages_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/templates",
        tags=["templates"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )
    desk = Desk(parts.library, parts.sender_settings)

    @router.post("/{name}/preview", operation_id="preview_template", responses=refusals(404))
    async def preview_(
        name: Name, given: shapes.PreviewGiven, caller: Calling
    ) -> shapes.PreviewShown:
        """The letter as a contact would get it now, in any language it has. Nothing is sent."""
        turn = heavy.turn(caller.key_id) if given.draft else nullcontext()
        async with turn:
            seen = await preview(
                parts.store.transaction,
                caller.actor,
                desk,
                name,
                now=parts.now(),
                contact=given.contact,
                language=given.language,
                draft=given.draft,
            )
        return _shown(seen)

    @router.post("/{name}/proof", operation_id="proof_template", responses=refusals(404))
    async def proof_(name: Name, given: shapes.ProofGiven, caller: Calling) -> shapes.ProofShown:
        """Write the message for a sample of people and sum up what would go wrong. Nobody gets
        mail."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await proof(
                session,
                caller.actor,
                desk,
                name,
                now=parts.now(),
                segment=given.segment,
                people=given.people,
                seed=given.seed,
            )
        return shapes.ProofShown.model_validate(found)

    @router.post("/{name}/test", operation_id="test_template", responses=refusals(404, 409))
    async def test_(name: Name, given: shapes.TestGiven, caller: Calling) -> shapes.TestShown:
        """Send the message to yourself or to the seed list, marked as a test."""
        ask = TestAsk(
            name, given.to, given.contact, given.language, given.every_language, given.draft
        )
        async with heavy.turn(caller.key_id):
            tried = await send_test(parts.store, caller.actor, desk, parts.channel, ask)
        return shapes.TestShown(mails=[shapes.TriedShown.model_validate(one) for one in tried])

    return router


def _shown(seen: Preview) -> shapes.PreviewShown:
    letter = seen.letter
    return shapes.PreviewShown(
        template=seen.template,
        version=letter.version,
        purpose=seen.purpose,
        verdict=None if seen.ruling is None else shapes.VerdictShown.model_validate(seen.ruling),
        topic=letter.topic,
        contact_id=seen.contact_id,
        contact=seen.contact,
        address=seen.address,
        language=letter.language,
        languages=list(seen.languages),
        subject=letter.subject,
        preheader=letter.preheader,
        html=letter.html,
        text=letter.text,
        short_text=letter.short_text,
        headers=[shapes.HeaderShown(name=name, value=value) for name, value in seen.headers],
        links=list(seen.links),
        files=[
            shapes.FileOfLetterShown(file=FileLine.model_validate(one.file), inline=one.inline)
            for one in seen.files
        ],
        findings=[shapes.FindingShown.model_validate(one) for one in seen.findings],
        html_bytes=seen.html_bytes,
        mail_bytes=seen.mail_bytes,
    )
