"""The canonical post: parsing of every source form, its text, links and keywords."""
