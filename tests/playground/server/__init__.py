"""Tests of the playground's server on one's own machine."""
