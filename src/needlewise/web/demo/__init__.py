"""A made-up person to look around with; nobody real is shown."""
