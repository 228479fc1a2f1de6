"""Build what is deployed: `functions/` and its dependencies, pruned, compiled, reproducible."""
