"""One module per subject. Every query takes a `Question` and goes through the gate."""
