"""``python -m aliyun_fakes``; see `aliyun_fakes.server.serve`."""

from aliyun_fakes.server.serve import main

raise SystemExit(main())
