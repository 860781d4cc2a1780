"""Whether the stored files that a template names are there, said when it is checked."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.files import lock_file
from engine.services.files.pictures import pictures_in
from engine.services.files.using import file_problems, known_files
from engine.services.templates.bundle import META, Bundle
from engine.services.templates.checking import Checked
from engine.services.templates.meta import read_meta


async def with_file_problems(
    session: AsyncSession, bundle: Bundle, checked: Checked, *, hold: bool = False
) -> Checked:
    """The answer with what is wrong with files added to its problems; of a template that names none
    nothing is asked. `hold`: nobody removes the files until this transaction ends."""
    meta = read_meta(bundle.files.get(META, ""), META, [])
    attachments = meta.attachments if meta else ()
    texts = (*bundle.files.values(), *bundle.frames.values())
    pictures = frozenset[str]().union(*map(pictures_in, texts))
    if not attachments and not pictures:
        return checked
    for name in sorted({*attachments, *pictures} if hold else ()):
        await lock_file(session, name)
    known = await known_files(session, {*attachments, *pictures})
    found = file_problems(f"{bundle.prefix}{META}", attachments, pictures, known)
    return replace(checked, problems=(*checked.problems, *found))
