"""What the capture guide asks for and the gates check, kept apart from them so that the guide loads nothing heavy."""

RAKING_DEG = (50.0, 60.0)  # where the one lamp stands, from straight ahead: pits throw shadows there, and most skin is still lit
EYES_CM = 50  # from the lens: an arm's length, beyond quality.NEAR_MM
