"""The part of rules_cc that Bazel's built-in repositories and ours load.

Bazel 4 carries the C++ rules itself; these functions only forward to them, so
that nothing has to be downloaded (see WORKSPACE).
"""

def cc_library(**attrs):
    native.cc_library(**attrs)

def cc_binary(**attrs):
    native.cc_binary(**attrs)

def cc_test(**attrs):
    native.cc_test(**attrs)

def cc_import(**attrs):
    native.cc_import(**attrs)

def cc_toolchain(**attrs):
    native.cc_toolchain(**attrs)

def cc_toolchain_suite(**attrs):
    native.cc_toolchain_suite(**attrs)

def cc_proto_library(**attrs):
    native.cc_proto_library(**attrs)

def fdo_prefetch_hints(**attrs):
    native.fdo_prefetch_hints(**attrs)

def fdo_profile(**attrs):
    native.fdo_profile(**attrs)

def objc_library(**attrs):
    native.objc_library(**attrs)

def objc_import(**attrs):
    native.objc_import(**attrs)

# Named by Bazel's own BUILD files, used by no target of ours.
def cc_flags_supplier(**_attrs):
    pass

def compiler_flag(**_attrs):
    pass
