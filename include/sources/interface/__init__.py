"""What every source of posts has in common."""
