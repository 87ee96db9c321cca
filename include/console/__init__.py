"""What every command of ours has in common: its arguments, its end, and a sign of life while it works.

Standard library only: arguments are checked before anything is installed.
"""
