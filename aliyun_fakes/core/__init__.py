"""What the fake services share: clock, dispatch, faults, ids, signatures, tables and the front inside the process.

Knows none of the services. Start reading at `dispatch`, which says what a service is.
"""
