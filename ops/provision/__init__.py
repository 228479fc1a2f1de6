"""What a deployment needs beside its functions: wanted as values, read as it is, compared, and made so."""
