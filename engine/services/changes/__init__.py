"""Changes of records as events: "Contact Updated", with the old and the new value of each field."""
