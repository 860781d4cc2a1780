"""Who changed what: searched, looked at, taken along, checked."""
