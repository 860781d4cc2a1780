"""`python -m engine.cli`: the same as the command `cadenza`."""

from engine.cli import main

main()
