"""Derived tables, rebuilt from the facts of one data set: months, kinds, districts, search entries, KPI values.

Nothing here is typed in by hand: delete the derived rows, run `data.derive.run.derive_all`, and the same rows come back.
This package imports none of its modules: serving needs a few of their names, not their geometry libraries.
"""
