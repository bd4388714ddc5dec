"""Which way of measuring this is. Kept apart, because whoever only asks needs no numpy."""

METHOD = "measure@2"  # raise it whenever what `quality.check_photo` or `pair.compare` returns changes: photos are then read again
