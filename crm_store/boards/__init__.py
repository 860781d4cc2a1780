"""What dashboards and the calendar of sending ask: figures over a stretch, one statement each."""
