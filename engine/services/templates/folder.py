"""Reading message templates from their folder; nothing is checked here but that it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import Problem
from engine.services.templates.bundle import CONTENT, NAME, Bundle, frame_of

MAX_FILE_BYTES = 262_144


@dataclass(slots=True)
class Folder:
    """What a folder holds. Bundles have every frame; which of them they use their meta says."""

    bundles: list[Bundle] = field(default_factory=list)
    frames: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_folder(root: Path) -> Folder:
    found = Folder()
    found.frames = _frames(root / "_frames", found.problems)
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name.startswith(("_", ".")):
            continue
        if not NAME.fullmatch(folder.name):
            words = "is no name for a template; use small letters, digits and _."
            found.problems.append(Problem(folder.name, "bad_name", words))
            continue
        found.bundles.append(read_bundle(folder, found.frames, found.problems))
    return found


def read_bundle(folder: Path, frames: dict[str, str], problems: list[Problem]) -> Bundle:
    """The texts of one template's folder."""
    files: dict[str, str] = {}
    for path in sorted(one for one in folder.iterdir() if not one.name.startswith(".")):
        text = read_file(path, f"{folder.name}/{path.name}", problems)
        if text is not None:
            files[path.name] = text
    return Bundle(folder.name, files, frames, f"{folder.name}/")


def read_file(path: Path, place: str, problems: list[Problem]) -> str | None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            words = f"is larger than {MAX_FILE_BYTES:,} bytes."
            problems.append(Problem(place, "too_large", words))
            return None
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        problems.append(Problem(place, "encoding", "is not UTF-8; save it as UTF-8."))
    except OSError as error:
        problems.append(Problem(place, "unreadable", f"cannot be read: {error.strerror}."))
    return None


def _frames(folder: Path, problems: list[Problem]) -> dict[str, str]:
    frames: dict[str, str] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        place = f"_frames/{path.name}"
        if frame_of(path.name) is None:
            words = "is not a frame; name it name.html or name.mjml."
            problems.append(Problem(place, "unknown_file", words))
            continue
        text = read_file(path, place, problems)
        if text is None:
            continue
        if text.count(CONTENT) != 1:
            problems.append(Problem(place, "no_content", f"must have {CONTENT} in it, once."))
        frames[path.name] = text
    return frames
