"""Request signatures, checked as the services check them: one module per scheme."""
