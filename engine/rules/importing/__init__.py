"""Rules that other tools wrote, typed into dialect 1 or refused whole."""

from engine.rules.importing.import_rule import Source, import_rule

__all__ = ["Source", "import_rule"]
