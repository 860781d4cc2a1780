"""A template's texts between a folder and the database, without a loss on either way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.errors import Conflict, Problem, Refused
from engine.services.templates.folder import read_bundle


def read_folder_of(folder: Path) -> tuple[str, dict[str, str]]:
    """The name and the texts of a template's folder. Raises Refused, with every file that cannot be
    read."""
    if not folder.is_dir():
        words = "is no folder; name a template's own, such as templates/messages/offer."
        raise Refused("Nothing was read.", [Problem(str(folder), "unreadable", words)])
    problems: list[Problem] = []
    bundle = read_bundle(folder.resolve(), {}, problems)
    if problems:
        raise Refused("Nothing was read.", problems)
    return bundle.name, dict(bundle.files)


def write_folder(into: Path, name: str, files: Mapping[str, str]) -> Path:
    """Write the texts to a folder of this name. Files that are there and not among them would
    become part of the template: that is refused with Conflict. Names have been looked at when the
    texts were saved."""
    folder = into / name
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted({path.name for path in folder.iterdir()} - set(files))
    if others:
        words = ", ".join(others[:5])
        raise Conflict(f"{folder} has other files in it ({words}). Take them away first.")
    for file, text in files.items():
        (folder / file).write_bytes(text.encode())
    return folder
