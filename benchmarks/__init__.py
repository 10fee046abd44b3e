"""What ``make bench`` runs: one table of speeds and sizes, each beside its goal. Nothing here is a test."""
