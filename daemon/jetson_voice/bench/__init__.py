"""Measures that compare parts of this program with others; for its developers."""
