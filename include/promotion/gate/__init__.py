"""The checks that a candidate has to pass, and their report."""
