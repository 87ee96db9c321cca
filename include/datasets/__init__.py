"""Dataset versions: names, tables, deduplication, split, import and export."""
