"""Lists in parts, within numbers that every database can count to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Schema
from ninja.pagination import LimitOffsetPagination

USUAL, MOST = 20, 100


class Parts(LimitOffsetPagination):
    """So many from so far on."""

    class Input(Schema):
        limit: int = Field(USUAL, ge=1, le=MOST)
        offset: int = Field(0, ge=0, le=1_000_000_000)


class Each(Sequence[Any]):
    """Records of which a part is read when it is asked for, each turned into what is answered."""

    def __init__(self, rows: QuerySet[Any], turn: Callable[[Any], Any]) -> None:
        self.rows, self.turn = rows, turn

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, part: Any) -> Any:
        return [self.turn(row) for row in self.rows[part]]
