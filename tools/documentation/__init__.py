"""The documentation as a site: `make docs` builds it, `make check-docs` checks it.

`docs/` holds the pages, which can be read on a code host as they are. `staging.py` copies them and
adds the pages that are generated from the code. Sphinx makes the site of the copy.
"""
