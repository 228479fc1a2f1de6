"""What an operator runs on a machine of their own: packaging, provisioning, invoking. Never deployed."""
