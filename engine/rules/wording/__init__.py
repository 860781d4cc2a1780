"""Rules and their verdicts in words, in English and Chinese."""

from engine.rules.wording.describe import describe
from engine.rules.wording.sentences import as_json, readings_as_json, sentence

__all__ = ["as_json", "describe", "readings_as_json", "sentence"]
