"""The schema's history: one file a change, oldest first, run by `crm_store.migrate`."""
