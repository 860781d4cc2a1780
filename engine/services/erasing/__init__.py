"""Erasing a contact: what is theirs goes, and they are not written to again."""

from engine.services.erasing.erase import Erased, erase_contact, preview_erasure, readmit_address

__all__ = ["Erased", "erase_contact", "preview_erasure", "readmit_address"]
