"""Rules as people build them: a tree to be drawn and moved about, and the rule it stands for."""
