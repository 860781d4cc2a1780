"""Segments: saved rules and static lists, with members that are kept right."""
