"""Lists in parts, within numbers that every database can count to."""

from __future__ import annotations

from ninja import Field, Schema
from ninja.pagination import LimitOffsetPagination


class Parts(LimitOffsetPagination):
    """So many from so far on."""

    class Input(Schema):
        limit: int = Field(100, ge=1, le=10_000)
        offset: int = Field(0, ge=0, le=1_000_000_000)
