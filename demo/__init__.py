"""The whole product on the fake cloud, in under a minute: ``make demo``."""
