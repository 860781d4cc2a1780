"""A letter of unpublished texts as somebody would get it, and what is wrong with the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.errors import LimitReached, NotFound, Problem, Refused, Unavailable
from engine.services.templates.checking import Checked
from engine.services.templates.drafts import check_files
from engine.services.trying_messages import Desk, Preview, pictures_of, preview


@dataclass(frozen=True, slots=True)
class Sight:
    """`seen` is None where the letter cannot be written; `said` and `problems` say why. `again`:
    asking once more in a moment may help."""

    seen: Preview | None = None
    pictures: Mapping[str, str] | None = None
    said: str = ""
    problems: tuple[Problem, ...] = ()
    again: bool = False


async def letter_of(
    designer: Designer,
    visitor: Visitor,
    name: str,
    *,
    files: Mapping[str, str] | None = None,
    version: int | None = None,
    language: str | None = None,
    contact: int | None = None,
) -> Sight:
    """Raises NotSignedIn and NotAllowed."""
    actor = await designer.actor(visitor.token)
    desk = Desk(designer.runtime.templates, designer.runtime.sender_settings)
    try:
        seen = await preview(
            designer.transaction,
            actor,
            desk,
            name,
            now=designer.now(),
            contact=contact,
            language=language,
            files=files,
            version=version,
        )
        async with designer.transaction() as session:
            pictures = await pictures_of(session, actor, seen)
    except Refused as refused:
        return Sight(said=refused.message, problems=refused.problems)
    except (LimitReached, Unavailable) as error:
        return Sight(said=error.message, again=True)
    except NotFound as error:
        return Sight(said=error.message)
    return Sight(seen, pictures)


async def check_of(
    designer: Designer, visitor: Visitor, name: str, files: Mapping[str, str]
) -> Checked | None:
    """None where it cannot be said just now."""
    actor = await designer.actor(visitor.token)
    library = designer.runtime.templates
    try:
        return await check_files(designer.transaction, actor, library, name, files)
    except Refused as refused:
        problems = refused.problems or (Problem("", refused.code, refused.message),)
        return Checked(problems, ())
    except (LimitReached, Unavailable):
        return None
