"""Tools for the catalogues of translated texts: extraction, update, compilation, proof."""
