#include "examples/designs/design_main.h"

#include <gflags/gflags.h>
#include <glog/logging.h>
#include <sys/resource.h>

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/designs/protocol.h"
#include "examples/flag_check.h"

DEFINE_string(host, "127.0.0.1",
              "where to listen: an IPv4 or IPv6 address of this machine, "
              "0.0.0.0 or :: for all");
DEFINE_int32(port, 8080, "TCP port, 0 to 65535; 0 lets the system choose one");
DEFINE_string(protocol, "upper",
              "what to serve: hello (HTTP: \"hello world\", and closes) or "
              "upper (sends back what it receives, in upper case)");

namespace rondo::examples {
namespace {

constexpr int kMaxPort = 65'535;
constexpr int kMaxThreads = 16'384;

int Fail(const absl::Status& status) {
  std::cerr << "ERROR: " << status.message() << "\n";
  return kExitBadAddress;
}

Listener::Options ListenerOptionsFromFlags(bool blocking) {
  CheckRange("port", FLAGS_port, 0, kMaxPort);
  if (!IsAddress(FLAGS_host)) {
    RejectFlag("host", FLAGS_host, "an IPv4 or IPv6 address in numbers");
  }
  const ProtocolFactory protocol = FindProtocol(FLAGS_protocol);
  if (protocol == nullptr) {
    RejectFlag("protocol", FLAGS_protocol, kProtocolNames);
  }
  return {.host = FLAGS_host,
          .port = FLAGS_port,
          .protocol = protocol,
          .blocking = blocking};
}

size_t MostDescriptors() {
  rlimit limit = {};
  PCHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_cur;
}

}  // namespace

int RunDesign(const Design& design,
              absl::FunctionRef<void(Listener&, StopSignal&)> serve) {
  StopSignal stop;
  const auto listener =
      Listener::Create(ListenerOptionsFromFlags(design.blocking));
  if (!listener.ok()) return Fail(listener.status());
  std::cout << design.name << " listening on " << (*listener)->address()
            << " protocol=" << FLAGS_protocol << design.note << std::endl;
  serve(**listener, stop);
  LOG(INFO) << design.name << " stopped: " << (*listener)->accepted()
            << " connections, " << (*listener)->refused() << " of them refused";
  return kExitOk;
}

int RunDesign(
    const Design& design,
    absl::FunctionRef<void(Listener&, StopSignal&, ThreadPool&)> serve) {
  CheckRange("threads", design.threads, 1, kMaxThreads);
  ListenerOptionsFromFlags(design.blocking);  // refuses bad ones
  StopSignal before_threads;
  const auto pool = ThreadPool::Create(
      {.threads = design.threads, .max_queued_tasks = MostDescriptors()});
  if (!pool.ok()) return Fail(pool.status());
  Design with_pool = design;
  with_pool.note = absl::StrCat(" threads=", design.threads, design.note);
  return RunDesign(with_pool, [&](Listener& listener, StopSignal& stop) {
    serve(listener, stop, **pool);
  });
}

}  // namespace rondo::examples
