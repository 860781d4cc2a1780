"""What rules about deals and tickets read: the record itself, its contact and its account."""

from engine.services.subject_facts.loading import SubjectKind, load_subject_facts

__all__ = ["SubjectKind", "load_subject_facts"]
