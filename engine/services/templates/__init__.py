"""Message templates, of files and of the database, written for one contact at a time."""

from engine.services.templates.library import TemplateLibrary, UnknownTemplate
from engine.services.templates.meta import Meta
from engine.services.templates.ready import RenderedMessage
from engine.services.templates.vocabulary import message_vocabulary

__all__ = [
    "Meta",
    "RenderedMessage",
    "TemplateLibrary",
    "UnknownTemplate",
    "message_vocabulary",
]
