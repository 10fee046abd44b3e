"""Rules of the field as pure functions and frozen dataclasses: no I/O, no Dash, no SQL."""
