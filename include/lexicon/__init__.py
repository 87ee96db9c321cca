"""Word lists and the rules that read a text by them."""
