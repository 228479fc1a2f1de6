"""What `ops` and the fakes share about a deployment: s.yaml, timer schedules, the package's checksum.

Imports nothing of the project. Start reading at `s_yaml`.
"""
