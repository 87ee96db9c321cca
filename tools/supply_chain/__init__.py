"""What the project is made of: a bill of materials, and known weaknesses in it."""
