"""Keeping derived facts true: rates, the base currency, and scores against all customers."""

from engine.services.derived_facts.base_currency import settle_base_currency
from engine.services.derived_facts.care import care_for_facts
from engine.services.derived_facts.rates import RatesReport, import_rates, list_rates
from engine.services.derived_facts.rfm import Rescored, recompute_rfm

__all__ = [
    "RatesReport",
    "Rescored",
    "care_for_facts",
    "import_rates",
    "list_rates",
    "recompute_rfm",
    "settle_base_currency",
]
