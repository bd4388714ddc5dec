"""Measure: photos in, a verdict on whether they may be compared, and change with honest uncertainty out."""
