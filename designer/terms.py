"""The words for stored codes: states, outcomes, reasons, stages; one list each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.tone import Tone

FLOW_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "draft": (N_("Draft"), "plain"),
    "active": (N_("Live"), "good"),
    "paused": (N_("Paused"), "warn"),
    "retired": (N_("Retired"), "plain"),
}
RUN_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "active": (N_("In progress"), "accent"),
    "held": (N_("Held"), "warn"),
    "ended": (N_("Ended"), "plain"),
}
MESSAGE_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "handing_over": (N_("Being sent"), "accent"),
    "put_off": (N_("Will be tried again"), "accent"),
    "sent": (N_("Sent"), "good"),
    "maybe_sent": (N_("Maybe sent"), "warn"),
    "refused": (N_("Not accepted"), "bad"),
    "withheld": (N_("Withheld"), "plain"),
    "collected": (N_("In a digest"), "plain"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "done": N_("Done"),
    "exit_rule": N_("Left early: the exit rule held"),
    "holdout": N_("In the holdout: receives nothing, for comparison"),
    "moved_out": N_("Taken out by a person"),
    "ended_by_hand": N_("Ended by a person"),
    "contact_gone": N_("The contact is not there any more"),
    "ended_by_move": N_("Ended by a move to another version"),
}
TEMPLATE_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "draft": (N_("Draft"), "plain"),
    "published": (N_("Published"), "good"),
    "retired": (N_("Retired"), "plain"),
}
PURPOSES: Final[Mapping[str, str]] = {
    "marketing": N_("Marketing"),
    "service": N_("Service"),
}
LIFECYCLE_STAGES: Final[Mapping[str, tuple[str, Tone]]] = {
    "subscriber": (N_("Subscriber"), "plain"),
    "lead": (N_("Lead"), "plain"),
    "marketing_qualified_lead": (N_("Marketing qualified"), "accent"),
    "sales_qualified_lead": (N_("Sales qualified"), "accent"),
    "opportunity": (N_("Opportunity"), "accent"),
    "customer": (N_("Customer"), "good"),
    "evangelist": (N_("Evangelist"), "good"),
    "other": (N_("Other"), "plain"),
    "at_risk": (N_("At risk"), "warn"),
    "churned": (N_("Churned"), "bad"),
}
LEAD_STATUSES: Final[Mapping[str, str]] = {
    "new": N_("New"),
    "open": N_("Open"),
    "in_progress": N_("In progress"),
    "open_deal": N_("Has an open deal"),
    "unqualified": N_("Unqualified"),
    "attempted_to_contact": N_("Attempted to contact"),
    "connected": N_("Connected"),
    "bad_timing": N_("Bad timing"),
}
ORDER_STATUSES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": (N_("Open"), "plain"),
    "paid": (N_("Paid"), "good"),
    "shipped": (N_("Shipped"), "accent"),
    "completed": (N_("Completed"), "good"),
    "cancelled": (N_("Cancelled"), "plain"),
    "refunded": (N_("Refunded"), "warn"),
}
STAGE_KINDS: Final[Mapping[str, Tone]] = {"open": "accent", "won": "good", "lost": "plain"}
CHANNELS: Final[Mapping[str, str]] = {
    "email": N_("E-mail"),
    "sms": N_("Text message"),
    "chat": N_("Chat"),
    "mailbox": N_("Local mailbox"),
    "smtp": N_("Mail server"),
    "null": N_("Nowhere (a trial)"),
}
LAWFUL_BASES: Final[Mapping[str, str]] = {
    "consent": N_("consent"),
    "contract": N_("contract"),
    "legitimate_interest": N_("legitimate interest"),
    "legal_obligation": N_("legal obligation"),
}
FREQUENCIES: Final[Mapping[str, str]] = {
    "every": N_("every message"),
    "daily": N_("one a day"),
    "weekly": N_("one a week"),
}
CONSENT_SOURCES: Final[Mapping[str, str]] = {
    "double_opt_in": N_("confirmed by mail"),
    "preferences_page": N_("their preferences page"),
    "unsubscribe_link": N_("the link in a letter"),
    "designer": N_("recorded here"),
    "import": N_("an import"),
}
ACTIVITY_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "task": (N_("Task"), "task_alt"),
    "call": (N_("Call"), "call"),
    "meeting": (N_("Meeting"), "event"),
    "note": (N_("Note"), "sticky_note_2"),
}
ROLES: Final[Mapping[str, str]] = {
    "admin": N_("Admin"),
    "marketer": N_("Marketer"),
    "sales_manager": N_("Sales manager"),
    "rep": N_("Sales representative"),
    "service": N_("Customer service"),
    "viewer": N_("Viewer"),
}
REASONS: Final[Mapping[str, str]] = {
    "unknown_contact": N_("The contact is not there any more."),
    "no_address": N_("The contact has no e-mail address."),
    "bad_address": N_("The contact's e-mail address cannot be written to."),
    "suppressed": N_("Nothing is sent to this address: it bounced, complained or was blocked."),
    "no_consent": N_("The contact never agreed to marketing mail."),
    "consent_withdrawn": N_("The contact does not want marketing mail."),
    "unsubscribed": N_("The contact unsubscribed."),
    "nothing_to_confirm": N_("The contact has no open request for messages."),
    "nothing_to_rate": N_("The contact has no closed ticket to be asked about."),
    "topic_off": N_("The contact has switched this topic off."),
    "waited_too_long": N_("The message had to wait for too long, so it was not sent."),
    "no_time_in_reach": N_("There was no time at which the message could go soon enough."),
    "nothing_collected": N_("There is nothing to put together for the contact."),
    "in_digest": N_("The message goes with others in one mail."),
    "already_sent": N_("This message was accepted before."),
    "no_deal": N_("The contact has no open deal."),
    "queued": N_("Nobody can take it just now; it waits in the queue."),
    "no_rules": N_("No assignment rules of this name are published."),
    "rules_refused": N_("The assignment rules cannot be followed."),
    "unknown_stage": N_("The deal's pipeline has no such stage."),
    "no_transition": N_("The deal's pipeline has no such way."),
    "stage_rule": N_("The deal does not fit the stage's rule."),
    "stage_needs": N_("The stage needs fields that are not filled."),
    "awaits_approval": N_("The move waits for an approval."),
    "unknown_policy": N_("No escalation policy of this name is published."),
    "goes_round": N_("The two flows started each other too often."),
    "entered_before": N_("The other flow let the contact in before."),
    "no_such_flow": N_("The other flow does not run."),
    "still_inside": N_("The contact is still inside the other flow."),
    "too_early": N_("The other flow lets the contact in again later."),
    "too_many_inside": N_("The contact is inside the other flow often enough."),
    "not_settled": N_("An earlier hand-over of this message has no answer yet."),
    "unclear": N_(
        "The connection broke after the message was handed over, before the answer came."
    ),
    "gave_up": N_("The mail server did not take it for too long."),
    "run_ended": N_("The run was over before the message was sent."),
    "claim_lost": N_("Another worker had taken it over meanwhile."),
    "nobody": N_("There is nobody to tell."),
    "timed_out": N_("No answer came in time."),
    "cut_off": N_("The connection broke before the answer came."),
    "unreachable": N_("Nobody could be reached there."),
    "unexpected_answer": N_("The answer was not the expected one."),
    "acknowledged": N_("Somebody took it up."),
    "approved": N_("It was approved."),
    "rejected": N_("It was rejected."),
    "unknown_file": N_("A file that the letter carries is not there."),
    "not_a_picture": N_("The letter shows a file that is no picture."),
    "files_too_large": N_("The files of the letter are too large together."),
}
DECISIONS: Final[Mapping[str, str]] = {
    "retry": N_("The step was tried again."),
    "skip": N_("The run went on without this step."),
    "goto": N_("The run was brought to another step."),
    "stop": N_("The run was ended."),
}
HOLDS: Final[Mapping[str, str]] = {
    "exit_leads_nowhere": N_(
        "The step's exit leads to no step. Publish a version that connects it."
    ),
    "loop_without_wait": N_(
        "The steps go round in a loop without a wait. Put a wait into the loop."
    ),
    "unexpected_answer": N_("An answer came to a step that had asked nothing."),
    "record_text_failed": N_("The text of the record cannot be written from the contact's fields."),
    "cannot_compute": N_("A value cannot be worked out from this contact's facts."),
    "no_stage": N_("There is no stage on which the deal could begin."),
    "no_calendar": N_("The calendar with the working hours is not there."),
    "task_text_failed": N_("The text of the task cannot be written from this contact's fields."),
    "message_cannot_be_made": N_("The message cannot be made from its template."),
    "call_cannot_be_made": N_("The call of the other system cannot be made."),
    "internal_fault": N_(
        "A fault in Cadenza stopped this run here; nothing was done twice. The log names the fault."
    ),
    "plan_broken": N_("This run's version of the flow cannot be read any more."),
    "restored": N_("It was overdue when a backup came back; let it go on if it never happened."),
}

REMEDIES: Final[Mapping[str, str]] = {
    "exit_leads_nowhere": N_("Publish a version in which this exit leads on."),
    "loop_without_wait": N_("Put a wait into the loop and publish."),
    "task_text_failed": N_("Give the text a default for what the contact does not have."),
    "record_text_failed": N_("Give the text a default for what the contact does not have."),
    "cannot_compute": N_("Mend the expression or the contact's facts."),
    "no_stage": N_("Make the pipeline and the stage that the step names."),
    "no_calendar": N_("Make the calendar that the step names."),
    "message_cannot_be_made": N_("Mend the template, or give the contact the field that it needs."),
    "call_cannot_be_made": N_(
        "Set the secret that the step names, or allow the address in the settings, then retry."
    ),
    "internal_fault": N_("Look into the log; it names the fault."),
    "plan_broken": N_(
        "Bring back what the version names, a custom field that was removed for example."
    ),
}

MOVE_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "running": (N_("Moving"), "accent"),
    "paused": (N_("Paused"), "warn"),
    "cancelled": (N_("Stopped"), "plain"),
    "done": (N_("Moved"), "good"),
    "undoing": (N_("Being taken back"), "accent"),
    "undone": (N_("Taken back"), "plain"),
}
MOVE_ANSWERS: Final[Mapping[str, str]] = {
    "stay": N_("Stay on this step"),
    "to": N_("Go to another step"),
    "exit": N_("Leave the flow"),
    "restart": N_("Begin from the first step"),
    "leave": N_("Stay on the old version"),
}
MOVE_REASONS: Final[Mapping[str, str]] = {
    "unchanged": N_("The step is unchanged."),
    "settings": N_("The step's settings have changed."),
    "renamed": N_("The step has another name and the same content."),
    "kind": N_("The step does something else now."),
    "removed": N_("The step is not in the new version."),
    "again": N_("They would get a second time what they had already:"),
}
FITS: Final[Mapping[str, str]] = {
    "same": N_("A wait goes on as it is."),
    "recomputed": N_("A wait is counted again from when it began."),
    "entered": N_("The step begins anew."),
}


def toned(table: Mapping[str, tuple[str, Tone]], code: str, t: Translator) -> tuple[str, Tone]:
    """The word and its colour; a code we do not know is shown as it is stored."""
    known = table.get(code)
    return (t(known[0]), known[1]) if known else (code, "plain")


def term(table: Mapping[str, str], code: str | None, t: Translator) -> str:
    if not code:
        return ""
    return t(table[code]) if code in table else code.replace("_", " ")


def reason(stored: str | None, t: Translator) -> str:
    """A stored reason is a code, or a code with what the provider said: "mailbox_full: 452 ..."."""
    if not stored:
        return ""
    code, _, said = stored.partition(": ")
    if code in REASONS:
        return t(REASONS[code]) + (f" ({said})" if said else "")
    return said or code.replace("_", " ")
