"""Bringing the owner's files in: look, suggest, check, commit, undo (rules §6.6; the tables are in ``tables``)."""
