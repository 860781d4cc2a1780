"""What people ask about their data, and how long rows stay."""
