"""Pictures of letters for programs that are no mail program, such as "view in browser".

The address is the picture's digest: who has it had the letter, and it stays good in every cache,
because another content has another address. Files that are no pictures have none.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import files as rows
from crm_store.files import FileRow
from engine.services.files.kinds import BY_EXTENSION, INLINE_TYPES, KINDS
from engine.services.files.pictures import pictures_in, with_pictures_at

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def picture_path(file: FileRow) -> str | None:
    """Where everybody may see a picture; None for other files."""
    if file.content_type not in INLINE_TYPES:
        return None
    return f"/i/{file.sha256}.{KINDS[file.content_type].extensions[0]}"


async def with_public_pictures(session: AsyncSession, html: str, base_url: str) -> str:
    """The letter with its content ids replaced by public addresses; one question at most. A picture
    that was removed meanwhile is left out by the reader's program."""
    found = await rows.newest_files(session, pictures_in(html))
    base = base_url.rstrip("/")

    def address(name: str) -> str | None:
        path = picture_path(found[name]) if name in found else None
        return None if path is None else f"{base}{path}"

    return with_pictures_at(html, address)


async def public_picture(
    session: AsyncSession, digest: str, extension: str
) -> tuple[str, bytes] | None:
    """Type and content of a picture; None for everything else."""
    content_type = BY_EXTENSION.get(extension)
    if content_type not in INLINE_TYPES or not _DIGEST.fullmatch(digest):
        return None
    return await rows.content_with_digest(session, digest, [content_type])
