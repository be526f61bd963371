// What every test begins with. It takes a second to parse: this is done once,
// see precompiled_header.bzl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
