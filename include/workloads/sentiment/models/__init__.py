"""Both versions of the model: what they are, and their calls inside a process."""
