"""Turning what people and files write into the value a field holds.

Every reader takes one value (text from a file, or JSON from an event) and returns the value to
store; it raises `ValueRefused` with a sentence that says what to write instead. Readers are pure.
"""

from engine.services.field_values.addresses import email, phone
from engine.services.field_values.choices import boolean, choice
from engine.services.field_values.numbers import decimal, integer, minor_units
from engine.services.field_values.places import country, currency, language, time_zone
from engine.services.field_values.refusal import ValueRefused, nearest
from engine.services.field_values.text import long_text, short_text
from engine.services.field_values.times import day, instant

__all__ = [
    "ValueRefused",
    "boolean",
    "choice",
    "country",
    "currency",
    "day",
    "decimal",
    "email",
    "instant",
    "integer",
    "language",
    "long_text",
    "minor_units",
    "nearest",
    "phone",
    "short_text",
    "time_zone",
]
