"""What checks of flows find, by their code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "file_too_large": N_("The file is too large for a flow."),
    "not_text": N_("This is no text in UTF-8."),
    "syntax": N_("The text cannot be read as YAML here."),
    "tab_indentation": N_("Indent with spaces, not with tabs."),
    "several_documents": N_("One file holds one flow: take away the line with ---."),
    "alias_refused": N_("References with & and * are not allowed in flow files."),
    "tag_refused": N_("Tags with ! are not allowed in flow files."),
    "too_deep": N_("This is nested too deeply; make it simpler."),
    "duplicate_key": N_("This key stands here twice."),
    "bad_number": N_("This number does not fit here."),
    "bad_text": N_("This text does not fit here."),
    "unknown_key": N_("Nothing of this name belongs here."),
    "missing_key": N_("Something that is needed is not filled in."),
    "wrong_type": N_("A value of another kind is needed here."),
    "bad_name": N_("A name has small letters, digits and “_” and begins with a letter."),
    "bad_choice": N_("Choose one of the values that are possible here."),
    "bad_span": N_("Write a length of time such as 3d, 2w or 90m."),
    "bad_value": N_("This value cannot be used here."),
    "bad_rule": N_("The rule has a mistake here."),
    "bad_template": N_("The text with placeholders has a mistake here."),
    "unknown_step": N_("There is no step kind of this name."),
    "unknown_field": N_("There is no field of this name."),
    "unknown_segment": N_("There is no segment of this name."),
    "unknown_flow": N_("There is no flow of this name."),
    "unknown_source": N_("There is no data source of this name."),
    "unknown_calendar": N_("There is no calendar of this name."),
    "unknown_stage": N_("No pipeline has a stage of this name."),
    "unknown_channel": N_("There is no channel of this name."),
    "unknown_sender": N_("There is no sender of this name."),
    "unknown_assignment": N_("There are no assignment rules of this name."),
    "unknown_policy": N_("There is no escalation policy of this name."),
    "unknown_chain": N_("There is no approval chain of this name."),
    "unknown_node": N_("It leads to a step that is not there."),
    "unknown_exit": N_("The step has no way out of this name."),
    "open_exit": N_("Lead this way out to a step, or to the end."),
    "no_steps": N_("Add a first step."),
    "unreachable_node": N_("No way leads to this step: connect it or remove it."),
    "loop_without_wait": N_("People would go round without a pause: put a wait into the circle."),
    "unreachable_case": N_("Cases above it take everybody, so nobody comes here."),
    "overlapping_cases": N_("Some people fit both cases; the upper one counts."),
    "never_true": N_("No contact can ever fit this rule."),
    "missing_template": N_("There is no published message of this name."),
    "no_consent_note": N_("Say where the consent of these people comes from."),
    "unknown_person": N_("There is nobody of this name among the people of the company."),
    "many_messages": N_("Somebody may get many messages in a short time."),
    "entry_needs_event": N_("This kind of coming back needs a trigger by an event."),
    "done_again": N_("Whoever comes round again has this done a second time."),
    "endless_loop": N_("Nothing ever ends this circle: give it a way out."),
    "leaves_at_once": N_(
        "Whoever enters leaves at once: the rule to leave holds from the beginning."
    ),
    "missing_variable": N_("The message needs something that this flow does not know."),
    "missing_file": N_("The message attaches a file that is not there."),
    "marketing_in_service": N_("A flow that serves sends a marketing message here."),
    "service_in_marketing": N_("A marketing flow sends a service message here."),
    "service_after_marketing": N_(
        "A service message stands behind a marketing one and waits for it."
    ),
    "many_entries": N_("Very many people would enter at once."),
    "years_skipped": N_("In some years this day does not come."),
    "field_conflict": N_("Two branches write this field with different values."),
    "shared_audience": N_("The same people are in another flow that writes to them too."),
    "flow_circle": N_("The flows start each other without an end."),
}
