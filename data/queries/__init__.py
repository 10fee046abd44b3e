"""One module per question. Every query takes (session, viewer, state) and goes through the gate."""
