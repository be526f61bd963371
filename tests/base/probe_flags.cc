// Flags of init_probe that stand in a file of their own, to make a group.
#include <gflags/gflags.h>

DEFINE_int32(port, 8080, "Where to listen.");
DEFINE_string(host, "::", "On which address.");
