"""Means with intervals, differences of pairs, percentiles, and when there are enough of them.

Nothing here needs a library; the tests hold each function against `scipy.stats`.
"""
