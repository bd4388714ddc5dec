"""How to take photos that may be compared."""

GUIDE = """How to take photos that may be compared

The same every time
  - The same window in daylight, or the same lamps, straight ahead of you; no direct sun, no flash.
  - The same phone and lens at arm's length (50 cm), at eye height, the whole face in the picture; wipe the lens.
  - Bare, dry skin, hair tied back, glasses off; lips closed, face relaxed, eyes on the lens.
  - No filter, no beauty mode, no portrait mode.

How many
  - Three shots each time, putting the phone down between them: that tells how much single shots wander.
  - Two days before anything is done to the skin: that tells how much your skin wanders by itself. Without them a wide default
    is used, and only large changes can be told from chance.
  - Then again at the review date of your plan. Not every day: skin changes over weeks, and daily looks show only chance.
  - Never within three days of a session, and not with a sunburn, a cold or a new breakout.

For scars and texture
  - Add two pictures in an otherwise dark room with one lamp, once from the left and once from the right, 50 to 60° from straight
    ahead. They are for your eyes, side by side and in the same light as last time: no number is made of them, because relief
    from several lights was tried and is not repeatable enough.

For colour that stands by itself
  - A colour card beside the face, in the same light (--card).

Check a photo at once: needlewise photo check photo.jpg
"""
