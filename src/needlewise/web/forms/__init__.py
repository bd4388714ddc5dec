"""Forms: what may be typed, and what is wrong with it, beside the field."""
