"""What the dashboard shows, as queries; the page holds none."""
