"""Links in letters that work without a sign-in: what they may do, and what is measured by them."""
