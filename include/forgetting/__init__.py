"""Forgetting posts: everything that holds a post's text gives it up, and the post does not come back."""
