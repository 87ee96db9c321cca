"""One spelling for each link."""
