"""A stream at full rate for an hour, or as long as was asked for: what of it grows."""
