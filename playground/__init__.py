"""The playground: Multiprog in a browser, without an installation.

    answers     what the front end asks of the model: check, simulate, predict, curve
    predicting  an empty chart, and what a chart that was drawn earns
    curve       a small sweep over one number
    limits      how large a run may be in a browser
    bytecode    compiled modules, which the browser keeps for the next visit
    catalogue   the lessons, textbook examples and workloads that it offers
    site        the static site, in which the model runs in the browser's own Python
    web         the front end

The front end shows a run by the scripts of `report.page`.
"""
