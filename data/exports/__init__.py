"""Taking records out again: any table of ``data.imports.tables``, through the gate, in the formats offices and GIS read."""
