"""What an operator runs on a machine of their own: packaging, provisioning, invoking. Never deployed.

It reads s.yaml, cron expressions and contexts by the models in ``fakes/fc``: one strict reading of them serves the host
that plays a deployment and the tools that make and check one.
"""
