"""Message templates: files in a folder, checked at the start, written for one contact at a time."""

from engine.services.templates.library import RenderedMessage, TemplateLibrary, UnknownTemplate
from engine.services.templates.meta import Meta
from engine.services.templates.vocabulary import message_vocabulary

__all__ = [
    "Meta",
    "RenderedMessage",
    "TemplateLibrary",
    "UnknownTemplate",
    "message_vocabulary",
]
