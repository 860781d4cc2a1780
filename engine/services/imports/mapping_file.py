"""Reading a mapping file, with every mistake at its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from engine.errors import NotFound, Problem, Refused
from engine.services.imports.mapping import Mapping
from engine.services.templates.yaml_text import Plain, read_yaml

_LARGEST = 1024 * 1024
_SAID = {"extra_forbidden": "is not known here", "missing": "is missing"}


def load_mapping(path: Path) -> Mapping:
    try:
        if path.stat().st_size > _LARGEST:
            raise Refused(f"{path} is too large to be a mapping file.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotFound(f"There is no mapping file {path}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not written in UTF-8.") from error
    return parse_mapping(text, name=path.name)


def parse_mapping(text: str, *, name: str) -> Mapping:
    """`name` is what problems call the file."""
    try:
        tree = yaml.compose(text, Loader=Plain)
        document = read_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}" if mark else name
        reason = getattr(error, "problem", None) or "cannot be read"
        raise Refused(f"{place}: this is not YAML: {reason}.") from error
    if not isinstance(document, dict):
        raise Refused(f'{name}: a mapping begins with "as:" and "fields:".')
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = [
            Problem(f"{name}:{_line(tree, item['loc'])}", item["type"], _sentence(item))
            for item in error.errors(include_url=False)
        ]
        raise Refused("The mapping file has mistakes:", problems) from error


def _sentence(item: object) -> str:
    assert isinstance(item, dict)
    path = ".".join(str(part) for part in item["loc"]) or "the mapping"
    said = _SAID.get(item["type"])
    if said is None:
        said = item["msg"].removeprefix("Value error, ")
        return f"{path}: {said[0].lower()}{said[1:]}."
    return f"{path} {said}."


def _line(tree: yaml.Node | None, path: Sequence[int | str]) -> int:
    """The line of the innermost part of the path that the file has."""
    node = tree
    line = 1
    for part in path:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, found = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = node.value[part] if part < len(node.value) else None
            line = found.start_mark.line + 1 if found else line
        if found is not None:
            node = found
    return line
