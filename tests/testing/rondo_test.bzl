"""What all tests have in common."""

def rondo_test(name, size = "small", deps = [], **kwargs):
    """A GoogleTest test that is one file, named for it."""
    native.cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"],
        copts = ["-include", "$(BINDIR)/tests/testing/googletest.h"],
        deps = deps + [
            "//tests/testing:googletest",
            "//tests/testing:test_main",
            "@com_google_googletest//:gtest",
        ],
        **kwargs
    )
