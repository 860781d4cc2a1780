"""A drawn definition as the text that is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from engine.definitions import DefinitionKind
from engine.definitions.draft import LABEL


class _Dumper(yaml.SafeDumper):
    """Without anchors: two equal rules are written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature of yaml
        return True


def written(kind: DefinitionKind, name: str, label: str, document: Mapping[str, Any]) -> str:
    """What `read_definition` reads back to the same draft; comments are nobody's any more."""
    head = {kind.value: name, LABEL: label} if label else {kind.value: name}
    return yaml.dump(
        {**head, **document}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
