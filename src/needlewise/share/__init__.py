"""A plan, handed on: as plain text, JSON, one HTML page, or a calendar file."""
