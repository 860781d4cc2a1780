"""What `meta.yaml` says about a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from engine.errors import Problem
from engine.rendering.defaults import Defaults
from engine.services.templates.bundle import chain
from engine.services.templates.yaml_text import read_yaml

MOST_MISTAKES: Final = 20
_Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
_Words = Annotated[str, StringConstraints(max_length=500)]


class Label(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    zh: str


class Meta(BaseModel):
    """`language` is the one of the files without a language in their name.

    `topic` is what the message is about, for people who choose topics; `sender` the identity it
    comes from. `defaults` are printed where a variable has no value, one text or one per language.
    `fallbacks` name the language for those whose own there is not ("pt": "es"). `attachments` are
    names of stored files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Label
    help: Label | None = None
    purpose: Literal["marketing", "service"] = "marketing"
    language: _Tag = "en"
    frame: str | None = None
    topic: _Slug | None = None
    sender: _Slug | None = None
    defaults: dict[str, _Words | dict[_Tag, _Words]] = {}
    fallbacks: dict[_Tag, _Tag] = {}
    attachments: tuple[str, ...] = ()

    def further(self) -> dict[str, str]:
        """`fallbacks` in small letters."""
        return {one.lower(): other.lower() for one, other in self.fallbacks.items()}

    def defaults_in(self, language: str) -> Defaults:
        """The default texts for a letter in this language; without one the variable has none."""
        return tuple(
            (path, text)
            for path, words in sorted(self.defaults.items())
            if (text := self._in(words, language)) is not None
        )

    def _in(self, words: str | Mapping[str, str], language: str) -> str | None:
        if isinstance(words, str):
            return words
        known = {tag.lower(): text for tag, text in words.items()}
        return next((known[one] for one in chain(language, self.further()) if one in known), None)


def read_meta(source: str, place: str, problems: list[Problem]) -> Meta | None:
    """The meta in this text; None, and what is wrong, where it cannot be read."""
    try:
        return Meta.model_validate(read_yaml(source))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}:{mark.line + 1}" if mark else place
        problems.append(Problem(where, "yaml", "is not YAML that can be read."))
    except RecursionError:
        problems.append(Problem(place, "yaml", "is nested too deeply."))
    except ValueError as error:
        if not isinstance(error, ValidationError):
            problems.append(Problem(place, "yaml", "holds a date or number that there is not."))
            return None
        for one in error.errors(include_input=False, include_url=False)[:MOST_MISTAKES]:
            path = ".".join(map(str, one["loc"]))
            problems.append(Problem(place, "bad_meta", f"{path}: {one['msg']}."))
    return None
