"""The rooms of decision tables: rows of conditions and what follows from them."""
