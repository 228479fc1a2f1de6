"""Official clients on the fakes: each in an environment of its own, so that no other test depends on it."""
