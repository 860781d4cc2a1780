"""What people may ask of us about their data: to have it, and to be erased."""

from engine.services.privacy.certifying import Certificate, erase_and_certify
from engine.services.privacy.exporting import Exported, export_person
from engine.services.privacy.requests import (
    KINDS,
    NewRequest,
    RequestRow,
    complete_export,
    contact_called,
    decline_request,
    erasable,
    list_requests,
    open_request,
    request_of,
    settle_request,
)

__all__ = [
    "KINDS",
    "Certificate",
    "Exported",
    "NewRequest",
    "RequestRow",
    "complete_export",
    "contact_called",
    "decline_request",
    "erasable",
    "erase_and_certify",
    "export_person",
    "list_requests",
    "open_request",
    "request_of",
    "settle_request",
]
