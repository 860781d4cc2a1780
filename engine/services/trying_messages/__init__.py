"""Trying a message before people get it: a preview, a proof for a sample, a test to ourselves."""

from engine.services.trying_messages.findings import Finding
from engine.services.trying_messages.letters import Desk
from engine.services.trying_messages.people import as_reference
from engine.services.trying_messages.previewing import Preview, pictures_of, preview
from engine.services.trying_messages.proofing import MOST_PEOPLE, USUAL_PEOPLE, Proof, proof
from engine.services.trying_messages.seeds import Seed, add_seed, list_seeds, remove_seed
from engine.services.trying_messages.testing import TestAsk, Tried, send_test

__all__ = [
    "MOST_PEOPLE",
    "USUAL_PEOPLE",
    "Desk",
    "Finding",
    "Preview",
    "Proof",
    "Seed",
    "TestAsk",
    "Tried",
    "add_seed",
    "as_reference",
    "list_seeds",
    "pictures_of",
    "preview",
    "proof",
    "remove_seed",
    "send_test",
]
