"""A body that the disk has no room for is read past, and answered."""

import errno

import pytest
from waitress.adjustments import Adjustments

from needlewise.web.room import NoRoom, Parser


class FullDisk:
    """Takes so many bytes, and no more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def append(self, data: bytes) -> None:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    def __len__(self) -> int:
        return 0


def sent(size: int, room: int, piece: int) -> Parser:
    parser = Parser(Adjustments(host="127.0.0.1"))
    parser.received(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode())
    parser.body_rcv.buf = FullDisk(room)
    left = size
    while left:
        data = b"x" * min(piece, left)
        taken = parser.received(data)
        assert taken == len(data)
        left -= taken
        assert parser.completed == (left == 0)
    return parser


@pytest.mark.parametrize(("room", "piece"), [(0, 1000), (3000, 1000), (9_999, 1000), (0, 10_000), (5, 1)])
def test_a_full_disk_is_answered_when_all_was_sent(room: int, piece: int) -> None:
    parser = sent(10_000, room, piece)
    assert isinstance(parser.error, NoRoom)
    status, headers, body = parser.error.to_response()
    assert status.startswith("507 ") and b"no room to save" in body and ("Cache-Control", "no-store") in headers
    parser.close()


def test_with_room_nothing_is_different() -> None:
    assert sent(10_000, 10_000, 1000).error is None
