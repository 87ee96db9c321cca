"""The main workload: which posts are about AI, and which links they carry."""
