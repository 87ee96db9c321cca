"""The local target: folders and the configuration file of the embedded model server."""
