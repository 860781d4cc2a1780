"""YAML that people write: plain data without aliases and not deep, so that a small text stays small
in memory and no reader of it runs out of stack.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

# Deeper than any settings, sample or mapping goes.
MOST_LEVELS: Final = 64


class Plain(yaml.SafeLoader):
    _levels = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._refuse("aliases (*) are not read here", event)
        if self._levels >= MOST_LEVELS:
            self._refuse(f"it is nested more than {MOST_LEVELS} levels deep", event)
        self._levels += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._levels -= 1

    def _refuse(self, reason: str, event: Any) -> None:
        raise yaml.composer.ComposerError(None, None, reason, event.start_mark)


def read_yaml(source: str) -> object:
    """Raises yaml.YAMLError, and RecursionError or ValueError where Python gives up."""
    loader = Plain(source)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
