"""The commands of ``cli.py``, one module for each concern; ``console`` is what they share."""
