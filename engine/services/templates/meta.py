"""What `meta.yaml` says about a template, and reading the files of templates at all."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import Problem

MAX_FILE_BYTES = 262_144


class Label(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    zh: str


class Meta(BaseModel):
    """`language` is the one of the files without a language in their name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Label
    help: Label | None = None
    purpose: Literal["marketing", "service"] = "marketing"
    language: str = "en"
    frame: str | None = None


def read_meta(folder: Path, problems: list[Problem]) -> Meta | None:
    place = f"{folder.name}/meta.yaml"
    source = read_file(folder / "meta.yaml", place, problems)
    if source is None:
        return None
    try:
        return Meta.model_validate(yaml.safe_load(source))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}:{mark.line + 1}" if mark else place
        problems.append(Problem(where, "yaml", "is not YAML that can be read."))
    except ValidationError as error:
        for one in error.errors():
            path = ".".join(map(str, one["loc"]))
            problems.append(Problem(place, "bad_meta", f"{path}: {one['msg']}."))
    return None


def read_file(path: Path, place: str, problems: list[Problem]) -> str | None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problems.append(
                Problem(place, "too_large", f"is larger than {MAX_FILE_BYTES:,} bytes.")
            )
            return None
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        problems.append(Problem(place, "encoding", "is not UTF-8; save it as UTF-8."))
    except OSError as error:
        problems.append(Problem(place, "unreadable", f"cannot be read: {error.strerror}."))
    return None
