"""The rooms about working hours: weeks, holidays and single days, drawn as months."""
