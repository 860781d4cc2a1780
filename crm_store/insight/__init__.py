"""Questions about many deals at once: counted and measured by the database, set-wise."""
