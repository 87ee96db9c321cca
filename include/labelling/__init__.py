"""Weak labels: labelling functions, the label model over their votes, and the report on both."""
