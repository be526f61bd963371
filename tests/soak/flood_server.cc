// Sends --flood_bytes to each client that says "flood", and echoes to all
// others. What never_reading_test asks; not an example.
//
// It minds the back-pressure: above the high water mark it waits for
// on_low_water. With --heedless it does not, and sends until Send() returns
// false.

#include <gflags/gflags.h>
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "base/init.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/signal_watcher.h"
#include "net/tcp/tcp_server.h"

DEFINE_uint64(flood_bytes, 100'000'000, "sent to each client that asks");
DEFINE_bool(heedless, false, "sends until Send() returns false");
DEFINE_uint64(high_water_mark_bytes, 1'048'576, "see ConnectionLimits");
DEFINE_uint64(max_output_bytes, 16'777'216, "see ConnectionLimits");

namespace {

using rondo::TcpConnection;

constexpr size_t kChunkBytes = 16 * 1'024;

// What a connection is still to be sent, and whether that goes on by itself.
struct Flood {
  size_t left_bytes;
  bool queued = false;
};

bool SendChunk(TcpConnection& connection, Flood& flood) {
  static const std::string& chunk = *new std::string(kChunkBytes, 'f');
  const size_t bytes = std::min(flood.left_bytes, kChunkBytes);
  flood.left_bytes -= bytes;
  return connection.Send(std::string_view(chunk).substr(0, bytes));
}

// One chunk a turn, so that the loop's other connections wait for no more.
void SendOn(TcpConnection& connection) {
  Flood* const flood = connection.context<Flood>();
  if (flood == nullptr || flood->queued || flood->left_bytes == 0) return;
  if (!FLAGS_heedless && connection.above_high_water()) return;
  if (!SendChunk(connection, *flood)) return;
  flood->queued = connection.handle().Run([](TcpConnection* c) {
    if (c == nullptr) return;
    c->context<Flood>()->queued = false;
    SendOn(*c);
  });
}

void OnMessage(TcpConnection& connection, rondo::Buffer& input) {
  if (input.view() != "flood") {
    connection.Send(input.view());
  } else {
    connection.EmplaceContext<Flood>(FLAGS_flood_bytes);
    SendOn(connection);
  }
  input.Clear();
}

rondo::ConnectionCallbacks Callbacks() {
  rondo::ConnectionCallbacks callbacks;
  callbacks.on_message = OnMessage;
  callbacks.on_low_water = SendOn;
  return callbacks;
}

rondo::TcpServerOptions Options(const rondo::InetAddress& address) {
  rondo::TcpServerOptions options = {.listen = {address}, .threads = 2};
  options.max_connections = SIZE_MAX;
  options.max_connections_per_address = SIZE_MAX;
  options.limits.low_water_mark_bytes = FLAGS_high_water_mark_bytes / 2;
  options.limits.high_water_mark_bytes = FLAGS_high_water_mark_bytes;
  options.limits.max_output_bytes = FLAGS_max_output_bytes;
  // Those who never read are to stay: time is not what bounds them here.
  options.limits.write_stall_timeout = absl::InfiniteDuration();
  options.limits.first_byte_timeout = absl::InfiniteDuration();
  return options;
}

int Fail(const absl::Status& status) {
  std::cerr << "ERROR: " << status.message() << "\n";
  return rondo::kExitBadAddress;
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "flood_server: sends more than is read.");
  auto loop = rondo::EventLoop::Create();
  if (!loop.ok()) return Fail(loop.status());
  auto signals = rondo::SignalWatcher::Create(loop->get(), {SIGTERM},
                                              [&](int) { (*loop)->Stop(); });
  if (!signals.ok()) return Fail(signals.status());
  const auto address = rondo::InetAddress::FromHostAndPort("127.0.0.1", 0);
  if (!address.ok()) return Fail(address.status());
  rondo::TcpServer server(loop->get(), Options(*address), Callbacks());
  const absl::Status status = server.Start();
  if (!status.ok()) return Fail(status);
  std::cout << "port " << server.port() << std::endl;
  (*loop)->Run();
  std::cout << "closed for their output: "
            << server.closed_connections(rondo::CloseReason::kOutputLimit)
            << std::endl;
  return rondo::kExitOk;
}
