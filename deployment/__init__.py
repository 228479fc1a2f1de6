"""What `ops` and the fakes both need to know of a deployment: s.yaml, timer schedules, the package's checksum.

Imports nothing of the project. Start reading at `s_yaml`.
"""
