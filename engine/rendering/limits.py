"""How large a template may be and how much work one rendering may do.

Large mail providers cut a letter off at about 100 KiB. Everything here leaves room above what
people write and stays far below what could slow a worker down.
"""

from __future__ import annotations

MAX_SOURCE_CHARACTERS = 131_072
MAX_NODES = 6_000
MAX_DEPTH = 40
MAX_LOOP_DEPTH = 2
MAX_LOOP_ITEMS = 1_000
MAX_STEPS = 5_000
# Of filters, all of a rendering together: one for each, one for an item they put together, and one
# for so many characters that they make. The dearest, dates and money, take some 50 microseconds.
MAX_FILTER_WORK = 10_000
CHARACTERS_A_STEP = 400
# One value, such as a note typed into a field.
MAX_VALUE_CHARACTERS = 65_536
MAX_OUTPUT_CHARACTERS = 1_048_576
# Up to here every integer is exact as a double; the rules have the same limit.
MAX_NUMBER = 2**53
