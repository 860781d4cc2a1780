"""Pages and pictures behind links in letters: no sign-in, no script, no cookie."""
