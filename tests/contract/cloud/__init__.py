"""The adapters of `functions/retention` through the official SDKs, against both fronts of the fakes."""
