"""The text classifier: training, evaluation beside its baselines, and the store of trained models."""
