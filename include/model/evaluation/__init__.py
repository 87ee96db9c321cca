"""How good a model is: by slices, by behaviour, beside baselines."""
