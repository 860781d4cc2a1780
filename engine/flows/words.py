"""A text for people in both interface languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    en: str
    zh: str

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en
