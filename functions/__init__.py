"""The deployed package: three Function Compute handlers over the `retention` library."""
