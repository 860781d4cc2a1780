"""What contacts may choose for themselves: topics, how often, and not to be measured."""

from crm_store.preferences import PreferenceRow as Preference
from crm_store.topics import TopicRow as Topic
from engine.services.preferences.choosing import Choice, choose, preference_of
from engine.services.preferences.topics import (
    add_ready_topics,
    list_topics,
    put_topic,
    remove_topic,
)

__all__ = [
    "Choice",
    "Preference",
    "Topic",
    "add_ready_topics",
    "choose",
    "list_topics",
    "preference_of",
    "put_topic",
    "remove_topic",
]
