"""Fuzz targets: each is built in two ways."""

def fuzz_target(name, deps = []):
    """A file that defines what fuzz_target.h declares.

    NAME         with libFuzzer's main(); links with --config=fuzz only
    NAME_replay  with ours, an ordinary test that runs what has been kept

    Args:
      name: of the file, and of its corpus.
      deps: what it includes, but for what all include.
    """
    corpus = "corpus/" + name + ".txt"
    native.cc_library(
        name = name + "_input",
        testonly = True,
        srcs = [name + ".cc"],
        deps = deps + [
            ":fuzz_input",
            ":fuzz_target",
        ],
        alwayslink = True,
    )
    native.cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_input"],
    )
    native.cc_test(
        name = name + "_replay",
        size = "small",
        args = ["--corpus=$(location " + corpus + ")"],
        data = [corpus],
        tags = ["single-threaded"],
        deps = [
            ":" + name + "_input",
            ":replay",
        ],
    )
