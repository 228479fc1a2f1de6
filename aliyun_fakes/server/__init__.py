"""The fakes as one HTTP server: ``python -m aliyun_fakes serve``. Start reading at `serve`."""
