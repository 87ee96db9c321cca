"""The model: how it is chosen by cross-validation, judged, stored, put into service and loaded."""
