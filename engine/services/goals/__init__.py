"""Goals of flows: counted as their events come, compared with the holdout, and by arms."""
