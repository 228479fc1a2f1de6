"""Alibaba Cloud on this machine: NAS, SLS, SMQ and FC, faked moto-style. Never deployed."""
