"""Why something was not done, as a whole: the sentence of the error's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "bad_token": N_("This link or code is not valid."),
    "changed_meanwhile": N_("Somebody changed it meanwhile. Load it anew and do it again."),
    "definition_refused": N_("The definition has mistakes."),
    "disk_full": N_("The server has no room left. Nothing is lost; nothing new is taken."),
    "draft_conflict": N_("Somebody changed the same meanwhile. Do it again on the newest draft."),
    "expired_token": N_("This link or code is too old: ask for a new one."),
    "figures_too_slow": N_("Counting takes too long: ask for less at a time."),
    "flow_refused": N_("The flow has mistakes."),
    "idempotency_key_reused": N_("This was asked for before, in another way."),
    "list_too_slow": N_("Looking through the list takes too long: narrow it further."),
    "move_refused": N_("The deal stays where it is."),
    "moved_meanwhile": N_("Somebody moved the deal meanwhile."),
    "needs_approval": N_("An approval chain must agree to this first."),
    "not_allowed": N_("You may not do this. Ask an admin for a role that may."),
    "not_found": N_("It is not there, or you may not see it."),
    "not_let_in": N_("The company's sign-in did not let you in."),
    "not_signed_in": N_("You are not signed in any more."),
    "request_in_flight": N_("The same is being done at this moment. Wait until it is over."),
    "rule_file_refused": N_("The file of the rule has mistakes."),
    "rule_not_countable": N_("How many this rule takes cannot be counted."),
    "rule_refused": N_("The rule has mistakes."),
    "rule_too_slow": N_("Counting by this rule takes too long: make it simpler."),
    "second_factor_needed": N_("The code of your second factor is needed."),
    "secret_unreadable": N_("A secret was sealed with another key and cannot be opened."),
    "too_many_jobs": N_("Too many long jobs are going on. Wait until one is over."),
    "too_much_work": N_("Writing this takes too long: make it simpler."),
    "unknown_template": N_("There is no message of this name."),
}
# They stand for many causes: what the service said stands behind the sentence, or nobody could tell
# what to do.
VAGUE: Final[Mapping[str, str]] = {
    "conflict": N_("This cannot be done now."),
    "error": N_("This did not work."),
    "limit_reached": N_("This is too much, or too often."),
    "refused": N_("What was filled in cannot be taken."),
    "unavailable": N_("Something that is needed does not answer. Try again in a while."),
}
KNOWN: Final = SENTENCES.keys() | VAGUE.keys()
