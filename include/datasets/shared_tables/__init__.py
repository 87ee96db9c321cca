"""The DDL of the tables that are not versioned. One module per concern; include.datasets.tables runs it."""
