"""Contacts, accounts and tickets: their lists with filters and deeds, and their pages."""
