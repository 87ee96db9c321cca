"""Statistics without a subject of their own: intervals, agreement, significance, scores of classifiers."""
