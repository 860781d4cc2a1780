"""How one group of settings is read from the environment, and what is said when it is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from engine.errors import Problem

Port = Annotated[int, Field(ge=0, le=65535)]


class Group(BaseSettings):
    """The settings of one subsystem. A field's alias is its environment name, without a prefix."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        case_sensitive=True,
        populate_by_name=True,
        # `NAME=` in a compose file means "not set", never the empty text.
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the caller names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)


class SecretFiles(EnvSettingsSource):
    """`NAME_FILE` is the path of a file holding the secret `NAME`; its last newline is dropped."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = environment_name(field, field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path or not is_secret(field):
            return None, name, False
        return Path(path).read_text().rstrip("\n"), name, False


def is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def environment_name(field: FieldInfo, field_name: str) -> str:
    return field.alias or field_name


def unreadable_secrets(group: type[Group]) -> Iterator[Problem]:
    """What `SecretFiles` would trip over, said before it does."""
    for field_name, field in group.model_fields.items():
        name = environment_name(field, field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path or not is_secret(field):
            continue
        if os.environ.get(name):
            yield Problem(f"{name}_FILE", "twice", f"{name} is set as well. Unset one of the two.")
        try:
            Path(path).read_bytes()
        except OSError as error:
            yield Problem(
                f"{name}_FILE",
                "unreadable_file",
                f"the file '{path}' cannot be read ({error.strerror}). Correct the path or "
                "its rights.",
            )


def problems_in(group: type[Group], error: ValidationError) -> Iterator[Problem]:
    """Pydantic's findings as sentences: which variable, what it is, what it should be."""
    fields = {environment_name(field, name): field for name, field in group.model_fields.items()}
    for found in error.errors(include_url=False):
        name = str(found["loc"][0]) if found["loc"] else group.__name__
        field = fields.get(name)
        shown = _shown(name, field)
        meaning = f" It sets: {field.description}" if field and field.description else ""
        reason = found["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield Problem(name, found["type"], f"{shown}{reason.rstrip('.')}.{meaning}")


def _shown(name: str, field: FieldInfo | None) -> str:
    value = os.environ.get(name)
    if value is None or field is None or is_secret(field):
        return ""
    return f'"{value}" '
