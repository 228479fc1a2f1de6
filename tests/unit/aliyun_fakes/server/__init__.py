"""Tests of `aliyun_fakes.server`."""
