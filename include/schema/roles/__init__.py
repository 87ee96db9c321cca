"""Who may do what in the database: the roles, their rights on each table, and how a database gets them."""
