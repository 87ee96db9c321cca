"""Files and logs that hold posts."""
