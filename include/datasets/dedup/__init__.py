"""Exact and near duplicates of posts."""
