"""What an invocation costs, in CU (documented: pay-as-you-go page of Function Compute, 2025-12-13)."""

CU_PER_VCPU_SECOND = 1.0
CU_PER_GB_SECOND = 0.15
CU_PER_DISK_GB_SECOND = 0.05
CU_PER_INVOCATION = 75 / 10_000
FREE_DISK_MB = 512
YUAN_PER_CU = 0.00011  # the first 200 million CU of a month, China site


def compute_units(seconds: float, *, cpu: float, memory_mb: int, disk_mb: int) -> float:
    """CU of one invocation of `seconds`, its share for being called included; disk counts above the free 512 MB."""
    disk_gb = max(0, disk_mb - FREE_DISK_MB) / 1024
    rate = cpu * CU_PER_VCPU_SECOND + memory_mb / 1024 * CU_PER_GB_SECOND + disk_gb * CU_PER_DISK_GB_SECOND
    return seconds * rate + CU_PER_INVOCATION
