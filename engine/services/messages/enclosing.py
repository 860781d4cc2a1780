"""The files that decided letters carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.files.enclosing import CannotEnclose, Wanted, files_for
from engine.services.messages.asks import Verdict
from engine.services.messages.composing import WHOLE_LETTERS
from engine.services.messages.drafting import Draft


async def enclose(session: AsyncSession, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with their files, in their order. A letter whose files are not there, or are too
    large together, is held: somebody has to mend its template or add the file.

    Letters without files ask the database nothing.
    """
    wanted = [wanted_by(one) for one in drafts]
    files = await files_for(session, [one for one in wanted if one is not None])
    enclosed: list[Draft] = []
    for draft, names in zip(drafts, wanted, strict=True):
        if names is None:
            enclosed.append(draft)
            continue
        found = files.attachments(names)
        if isinstance(found, CannotEnclose):
            said = f'Template "{draft.ask.template}" cannot go out: {found.message}'
            held = replace(draft, verdict=Verdict.HOLD, code=found.code, message=said, letter=None)
            enclosed.append(held)
        else:
            enclosed.append(replace(draft, enclosed=found))
    return enclosed


def wanted_by(draft: Draft) -> Wanted | None:
    """What a letter carries; None for nothing. A telephone or a chat gets words alone."""
    letter = draft.letter
    if letter is None or not (letter.attachments or letter.pictures):
        return None
    if draft.verdict is not None or draft.ask.way.medium not in WHOLE_LETTERS:
        return None
    return Wanted(letter.attachments, letter.pictures)
