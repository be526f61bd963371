"""What all tests have in common."""

_COPTS = ["-include", "$(BINDIR)/tests/testing/googletest.h"]
_DEPS = [
    "//tests/testing:googletest",
    "@com_google_googletest//:gtest",
]

def rondo_test(name, size = "small", deps = [], **kwargs):
    """A GoogleTest test that is one file, named for it."""
    native.cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"],
        copts = _COPTS,
        deps = deps + _DEPS + ["//tests/testing:test_main"],
        **kwargs
    )

def rondo_test_library(name, deps = [], **kwargs):
    """What tests share that uses GoogleTest."""
    native.cc_library(
        name = name,
        copts = _COPTS,
        deps = deps + _DEPS,
        **kwargs
    )
