"""``python -m fakes``; see `fakes.serve`."""

from fakes.serve import main

raise SystemExit(main())
