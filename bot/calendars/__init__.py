"""Reads sessions out of calendars' files, spreadsheets and typed lines. Pure: no database, no network, no chat."""
