"""Label events: reading, importing and exporting them."""
