"""The playground: Multiprog in a browser, without an installation.

    answers    what the front end asks of the model: check, simulate, schema
    catalogue  the lessons, textbook examples and workloads that it offers
    site       the static site, in which the model runs in the browser's own Python
    web        the front end

The front end shows a run by the scripts of `report.page`.
"""
