"""What each kind of call does, by family: CPython's rules, and its error messages.

Each family is an object with a table `functions`, from the kind of a call to the function that
decides it. `kernel.lifecycle.semantics` puts the tables together.
"""
