"""What the machine needs before the program or its tests can run; called by the Makefile."""
