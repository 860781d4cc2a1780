"""Systems that are told what happens: who they are, how they do, what they were told."""
