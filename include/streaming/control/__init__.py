"""Starting, watching and draining the streaming application."""
