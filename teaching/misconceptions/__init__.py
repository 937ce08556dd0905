"""What students take for the rule, each a small object; one file for each kind of rule.

A misconception is a change of the scenario (the run under it has the student's numbers), or another
reading of the record of the right run. `words` completes "your numbers are those of …"; `rule` says
what holds instead. `accept:` of an exercise, `require: differs` and the feedback use the names.

    catalogue       all of them, and each by its name
    misconception   what a misconception is
    changes         the kinds of change of which they are made
    mistaken_policies   policies with one rule read wrongly
"""
