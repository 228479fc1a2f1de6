"""Request signatures, checked as the services check them: one module per scheme.

Start reading at `acs`, the scheme of the API gateway.
"""
