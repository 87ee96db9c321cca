"""Where events come from: files of real ones, and a generator."""
