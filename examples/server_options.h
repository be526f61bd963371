#ifndef RONDO_EXAMPLES_SERVER_OPTIONS_H_
#define RONDO_EXAMPLES_SERVER_OPTIONS_H_

#include "net/tcp/tcp_server_options.h"

namespace rondo::examples {

// What the shared flags (server_flags.cc, limit_flags.cc) ask for. One that
// makes no sense ends the program with kExitBadFlags.
TcpServerOptions ServerOptionsFromFlags();

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_SERVER_OPTIONS_H_
