"""What is wrong with a mapping or a line of a file, by its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "unknown_key": N_("The mapping has an entry that means nothing."),
    "unknown_field": N_("There is no such field to write to."),
    "unknown_column": N_("The file has no column of this name."),
    "no_key": N_("No column tells which record a line is about, such as an address or a number."),
    "taken": N_("Two columns write to the same field."),
    "bad_template": N_("The text made of columns has a mistake."),
    "unsaid": N_("Say what an empty or unknown value becomes."),
    "unknown_zone": N_("This is no time zone."),
    "unknown_reference": N_("There is no record of this name."),
    "unknown": N_("This value is not known here."),
    "no_currency": N_("The amount has no currency."),
    "missing": N_("A value that is needed is missing."),
    "contradicts": N_("Two columns of the line contradict each other."),
    "cannot_create": N_("There is no such record, and this file may not make one."),
    "ambiguous": N_("Several records fit; a number or an address would tell which."),
    "bad_address": N_("This is no e-mail address."),
    "bad_date": N_("This is no date."),
    "bad_number": N_("This is no number."),
    "bad_choice": N_("This is none of the values that the field can have."),
    "bad_text": N_("A character in it cannot be stored."),
    "bad_value": N_("This value does not fit the field."),
    "too_long": N_("This is too long."),
    "repeated": N_("The same record stands further up in the file."),
}
