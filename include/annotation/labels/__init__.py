"""Label events: recording, importing and exporting them."""
