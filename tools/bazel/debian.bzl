"""Libraries that Debian installs, under the labels their projects use."""

def debian_library(name, targets):
    """Declares a repository for a library in the compiler's search path.

    Args:
      name: the repository, by the name that upstream gives it.
      targets: a dict from a target's name to the list of its link options.
    """
    build = ['package(default_visibility = ["//visibility:public"])']
    for target, linkopts in targets.items():
        build.append("cc_library(name = %r, linkopts = %r)" % (target, linkopts))
    native.new_local_repository(
        name = name,
        build_file_content = "\n".join(build),
        path = "tools/bazel/empty",
    )
