"""Photos for the tests: the drawn person on known days, and small files of every kind with a position in them."""

import datetime as dt
import io
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from needlewise.simulate.portrait import Day, portrait_jpeg


@cache
def portrait_of(day: dt.date, shot: int = 0, redness: float = 0.0) -> bytes:
    """A photo of the drawn person at ten in the morning of a day; `redness` lies on both cheeks."""
    red = {"cheek-left": redness, "cheek-right": redness}
    taken = dt.datetime.combine(day, dt.time(10, shot))
    return portrait_jpeg(Day(seed=shot, day=day.toordinal(), redness=red), taken)


def with_position(kind: str = "JPEG", shade: int = 120, taken: str = "2026:10:01 10:00:00") -> bytes:
    """A small even picture that says where it was taken, by which camera and whose it is."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Maker One"
    detail = exif.get_ifd(0x8769)
    detail[0x9003], detail[0xA431], detail[0xA430] = taken, "SERIAL-4711", "OWNER-NAME"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (51.5, 0.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (96, 128), (shade, shade - 20, shade - 40)).save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def upload(data: bytes, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")
