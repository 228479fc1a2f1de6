"""The fakes as one HTTP server, with an admin interface: ``python -m aliyun_fakes serve``.

Start reading at `serve`.
"""
