"""The CRM database: models, queries and migrations. Knows nothing of the engine that uses it."""
