"""A made-up person to look around with; dates are always around today."""

from __future__ import annotations

from django.contrib.auth.models import User


def fill(user: User) -> None:
    """Give `user` the made-up person's records."""
