"""The deployed package: three Function Compute handlers over the `retention` library.

A cold start makes some 100 000 objects that stay. Python would look through them for garbage 150 times, a tenth of the
start, and find next to none; and a slice makes hardly any reference cycles. So it looks less often, from here on.
"""

import gc

gc.set_threshold(200_000)
