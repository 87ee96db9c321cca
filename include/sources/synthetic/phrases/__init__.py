"""The phrases of the synthetic posts, as data: invented people, firms, papers and shops."""
