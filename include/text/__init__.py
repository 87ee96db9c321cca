"""How every rule reads a text: its letters in one form, its words and hashtags in every script, its links."""
