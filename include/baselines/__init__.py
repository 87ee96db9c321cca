"""Small models that others are compared with, and the calibration of their scores."""
