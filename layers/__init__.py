"""Map layers: one module each, the registry, the style and the tile archives."""
