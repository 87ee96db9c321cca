"""Tables that hold posts."""
