"""What a person asks of a deployment by invoking the console function, and the answers: JSON with ``ok`` first."""
