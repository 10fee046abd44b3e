"""Storage: models, sessions, geometry, reference tables, demo data and the queries the screens ask."""
