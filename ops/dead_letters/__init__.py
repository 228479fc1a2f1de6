"""Dead letters: what lies in the dead-letter queue, why, and what can be done with it."""
