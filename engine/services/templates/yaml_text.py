"""YAML of templates: plain data without aliases, so that a small text stays small in memory."""

from __future__ import annotations

from typing import Any

import yaml


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*) are not read here", mark)
        return super().compose_node(parent, index)


def read_yaml(source: str) -> object:
    """Raises yaml.YAMLError, and RecursionError or ValueError where Python gives up."""
    loader = _Plain(source)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
