"""Exercises as course systems import them: questions with numbers of their own, or a grader.

fields        the answers of a variant, one by one, with known wrong ones and their feedback
moodle        Moodle XML: a category with a question of several answers for each variant
gift          GIFT: a question for each answer
prairielearn  a question folder for PrairieLearn
gradescope    the zip of an autograder for Gradescope
"""
