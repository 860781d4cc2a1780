"""Forms that anybody may send: what they ask, and what becomes of the answers."""

from engine.services.forms.keeping import (
    KnownForm,
    add_form,
    change_form,
    list_forms,
    read_form,
    remove_form,
    set_form_active,
)
from engine.services.forms.model import KINDS, Form, FormField, form_from
from engine.services.forms.sending import SentForms, Taken
from engine.services.forms.submissions import Submission, list_submissions

__all__ = [
    "KINDS",
    "Form",
    "FormField",
    "KnownForm",
    "SentForms",
    "Submission",
    "Taken",
    "add_form",
    "change_form",
    "form_from",
    "list_forms",
    "list_submissions",
    "read_form",
    "remove_form",
    "set_form_active",
]
