"""The facts of a made-up contact, for previews and checks; a template may bring its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from engine.errors import Problem
from engine.services.templates.bundle import SAMPLE, Bundle
from engine.services.templates.yaml_text import read_yaml


def sample_for(bundle: Bundle, sample: Mapping[str, Any]) -> dict[str, Any]:
    """The common sample with the template's own over it; one that cannot be read counts for
    nothing (`sample_problems` says why)."""
    own = _read(bundle.files.get(SAMPLE, ""))
    return merged(sample, own if isinstance(own, dict) else {})


def sample_problems(source: str, place: str) -> list[Problem]:
    own = _read(source)
    if isinstance(own, dict) and all(isinstance(group, dict) for group in own.values()):
        return []
    words = "must be groups of facts in YAML, such as contact: {first_name: Ada}."
    return [Problem(place, "bad_sample", words)]


def merged(sample: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The sample's groups with single values in them replaced; null takes one away."""
    made = dict(sample)
    for group, values in facts.items():
        known = made.get(group)
        if isinstance(values, Mapping):
            made[group] = {**(known if isinstance(known, Mapping) else {}), **values}
    return made


def _read(source: str) -> object:
    try:
        return read_yaml(source)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
