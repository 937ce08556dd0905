"""Replications are made: in this process, on all cores, or on a Dask cluster."""
