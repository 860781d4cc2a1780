"""What checks of messages find, by their code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "syntax": N_(
        "The placeholders cannot be read here: a bracket or a word is missing or too many."
    ),
    "unknown_variable": N_("There is no variable of this name; the completion shows all."),
    "not_printable": N_("This variable is not a single value; choose a part of it."),
    "too_deep": N_("The text is nested too deeply."),
    "too_large": N_("The text is too large."),
    "mjml": N_("The MJML cannot be read here."),
    "moved": N_("This placeholder stands where it cannot stay; put it into the text."),
    "not_allowed": N_("This is not allowed in a message."),
    "style": N_("A style cannot be read here."),
    "yaml": N_("The settings of the message are not YAML that can be read."),
    "bad_meta": N_("A setting of the message does not fit."),
    "bad_sample": N_("The sample contact cannot be read."),
    "unreadable": N_("A file of the message cannot be read."),
    "encoding": N_("A file of the message is not UTF-8 text."),
    "bad_text": N_("A character in it cannot be stored."),
    "bad_name": N_("A name has small letters, digits and “_” and begins with a letter."),
    "unknown_file": N_("The message has a file that belongs to no part of it."),
    "unknown_frame": N_("There is no frame of this name."),
    "unknown_zone": N_("This is no time zone."),
    "twice": N_("The same thing is there twice."),
    "no_default_language": N_("The default language of the message is missing."),
    "no_default": N_("This needs a default for contacts who lack the value."),
    "no_content": N_("The message has no content yet."),
    "incomplete_language": N_("A part of this language is missing."),
    "no_unsubscribe": N_("A marketing message needs a link to unsubscribe."),
    "marketing_in_service": N_(
        "A flow that serves uses this message, so it cannot become marketing."
    ),
    "cannot_be_written": N_("For some contacts this message could not be written."),
    "clipped": N_("The mail is so long that some programs cut it off."),
    "long_subject": N_("The subject is long; phones show only its beginning."),
    "long_short_text": N_("The text is long and goes out as several short messages."),
    "no_links_in_text": N_("The plain text lacks the links of the letter."),
    "active_content": N_("Scripts, forms and frames do not work in mail and are not allowed."),
    "broken_tag": N_("A tag is not closed, or not written as a tag."),
    "empty_link": N_("A link leads nowhere."),
    "link_scheme": N_("A link begins with something that mail programs do not open."),
    "low_contrast": N_("Some words are hard to read on their ground."),
    "missing_alt": N_("A picture has no words for those who do not see it."),
    "private_link": N_("A link leads to a place that only this network knows."),
    "relative_link": N_("A link needs its whole address, with https://."),
    "unknown_filter": N_("There is no filter of this name."),
    "unknown_test": N_("There is no test of this name."),
    "unquoted_value": N_("Put the value of this attribute between quotes."),
    "value_in_tag": N_(
        "A placeholder may stand in a text or in the value of an attribute, not in a tag itself."
    ),
}
