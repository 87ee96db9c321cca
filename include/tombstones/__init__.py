"""Which posts and accounts are forgotten, asked by whatever lets posts in."""
