"""Exercises: posed with numbers for each student, answered, graded with the rule that was missed.

    variants        the numbers of each student, and the run that answers the questions
    kinds           what can be asked: in words, what is true of a run, how far an answer agrees
    misconceptions  the catalogue of what students take for the rule
    diagnosis       which of them an answer follows
    grading         marks with partial credit
    sheet           what a student gets, and the solution
    formats         what course systems read

Homework: a policy is submitted, and runs on hidden workloads.

    submission      the process in which a submitted policy is asked, and how it is confined
    assignment      hidden workloads, checks, counterexamples, marks of a submitted policy
"""
