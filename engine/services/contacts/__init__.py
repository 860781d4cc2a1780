"""Contacts: who somebody is, what is known of them, and lists of them."""

from engine.services.contacts.identities import Identity, Resolution, resolve_contacts

__all__ = ["Identity", "Resolution", "resolve_contacts"]
