"""What people see: pages and their parts."""
