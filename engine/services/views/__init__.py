"""What the pages of the designer show, as values. Every function reads and none changes anything.

Each takes the session of the caller's transaction and the actor who looks, and refuses those who
may not read that kind of thing.
"""
