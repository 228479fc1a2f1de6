"""Policy-driven retention for the recycle bin of Apsara File Storage NAS: pure at the centre, cloud at the rim."""
