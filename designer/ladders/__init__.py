"""Rules of work drawn as ladders: approval chains, escalation policies and assignment rules."""
