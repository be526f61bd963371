#ifndef RONDO_NET_TCP_TCP_SERVER_OPTIONS_H_
#define RONDO_NET_TCP_TCP_SERVER_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "net/reactor/event_loop_options.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/placement.h"

namespace rondo {

struct TcpServerOptions {
  // At least one, unless Start() is given sockets.
  std::vector<InetAddress> listen = {};
  // Loops that serve connections, each with a thread. Zero: the acceptor's
  // loop does (a single reactor).
  int threads = 0;
  Placement placement = Placement::kRoundRobin;
  int backlog = 4'096;  // the kernel caps it at net.core.somaxconn
  bool tcp_no_delay = true;
  bool keep_alive = false;
  bool pin_cpus = false;      // loop i to CPU i, modulo those available
  std::string name = "loop";  // threads are called name-0, name-1, …
  int max_accepts_per_turn = 128;
  EventLoopOptions loop = {};  // of the threads' loops

  ConnectionLimits limits = {};  // of each connection
  // Open connections, in all and from one address (an IPv6 /64). Zero: a share,
  // kDescriptorShare, of the descriptors that the process may open beside those
  // that it has and the loops need, and half of that; SIZE_MAX: no limit.
  size_t max_connections = 0;
  size_t max_connections_per_address = 0;
  OverLimit over_connections = OverLimit::kRefuse;
  OverLimit over_address = OverLimit::kRefuse;

  static constexpr double kDescriptorShare = 0.9;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
  // With what zero stands for.
  AdmissionLimits Admission() const;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TCP_SERVER_OPTIONS_H_
