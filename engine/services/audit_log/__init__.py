"""The audit as it is read: searched, exported, checked against its seals."""
