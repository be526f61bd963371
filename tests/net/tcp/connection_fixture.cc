#include "tests/net/tcp/connection_fixture.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace rondo {
namespace {

// The first `max_bytes` of what `slices` describe.
std::vector<iovec> Truncated(const iovec* slices, int count, size_t max_bytes) {
  std::vector<iovec> result;
  for (int i = 0; i < count && max_bytes > 0; ++i) {
    result.push_back(slices[i]);
    result.back().iov_len = std::min(slices[i].iov_len, max_bytes);
    max_bytes -= result.back().iov_len;
  }
  return result;
}

InetAddress PeerOf(const UniqueFd& fd) {
  sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  auto* const native = reinterpret_cast<sockaddr*>(&storage);
  PCHECK(getpeername(fd.get(), native, &length) == 0);
  return *InetAddress::FromSockaddr(native, length);
}

}  // namespace

ScriptedTransport::ScriptedTransport(Socket socket,
                                     std::shared_ptr<TransportScript> script)
    : Transport(std::move(socket)), script_(std::move(script)) {}

IoResult ScriptedTransport::Read(char* to, size_t bytes) {
  ++script_->read_calls;
  if (script_->reads.empty()) return Transport::Read(to, bytes);
  const TransportScript::Answer answer = script_->reads.front();
  script_->reads.pop_front();
  if (answer.error != 0) return {.bytes = 0, .error = answer.error};
  return Transport::Read(to, std::min(bytes, answer.max_bytes));
}

IoResult ScriptedTransport::Write(const iovec* slices, int count, bool more) {
  size_t offered = 0;
  script_->slice_data.clear();
  for (int i = 0; i < count; ++i) {
    offered += slices[i].iov_len;
    script_->slice_data.push_back(slices[i].iov_base);
  }
  script_->write_calls.push_back(offered);
  if (script_->writes.empty()) return Transport::Write(slices, count, more);
  const TransportScript::Answer answer = script_->writes.front();
  script_->writes.pop_front();
  if (answer.error != 0) return {.bytes = 0, .error = answer.error};
  const std::vector<iovec> some = Truncated(slices, count, answer.max_bytes);
  if (some.empty()) return {};
  return Transport::Write(some.data(), static_cast<int>(some.size()), more);
}

IoResult ScriptedTransport::SendFile(int file, uint64_t offset, size_t bytes) {
  script_->file_calls.push_back(bytes);
  if (script_->files.empty()) return Transport::SendFile(file, offset, bytes);
  const TransportScript::Answer answer = script_->files.front();
  script_->files.pop_front();
  if (answer.error != 0) return {.bytes = 0, .error = answer.error};
  return Transport::SendFile(file, offset, std::min(bytes, answer.max_bytes));
}

void ScriptedTransport::ShutdownWrite() {
  ++script_->fins;
  Transport::ShutdownWrite();
}

ConnectionFixture::ConnectionFixture(EventLoopOptions options)
    : group_(std::make_shared<ConnectionGroup>(Callbacks(), 1)),
      owned_loop_(NewLoop(std::move(options))),
      loop_(*owned_loop_) {}

ConnectionFixture::Opened ConnectionFixture::Open(FdPair pair,
                                                  TransportScript plan) {
  return OpenIn(group_, std::move(pair), std::move(plan));
}

ConnectionFixture::Opened ConnectionFixture::OpenWithLimits(
    ConnectionLimits limits, FdPair pair) {
  return OpenIn(std::make_shared<ConnectionGroup>(Callbacks(), 1, limits),
                std::move(pair), {});
}

ConnectionFixture::Opened ConnectionFixture::OpenIn(
    std::shared_ptr<ConnectionGroup> group, FdPair pair, TransportScript plan) {
  auto script = std::make_shared<TransportScript>(std::move(plan));
  InetAddress peer = PeerOf(pair.a);
  auto connection = std::make_unique<TcpConnection>(
      &table(),
      std::make_unique<ScriptedTransport>(Socket(std::move(pair.a)), script),
      std::move(peer), ConnectionMembership(group, 0));
  TcpConnection* const borrowed = connection.get();
  table().Adopt(std::move(connection));
  return {borrowed, std::move(pair.b), std::move(script), std::move(group)};
}

ConnectionFixture::Opened ConnectionFixture::OpenToWrite(
    std::deque<TransportScript::Answer> writes) {
  TransportScript script;
  script.writes = std::move(writes);
  return Open(UnixPair(), std::move(script));
}

std::vector<std::string> ConnectionFixture::Events() {
  return std::exchange(events_, {});
}

ConnectionCallbacks ConnectionFixture::Callbacks() {
  return {
      .on_connect =
          [this](TcpConnection& c) {
            events_.push_back("connect");
            if (on_connect_) on_connect_(c);
          },
      .on_message =
          [this](TcpConnection& c, Buffer& input) {
            events_.push_back("message " + std::string(input.view()));
            if (!on_message_) return input.Clear();
            on_message_(c, input);
          },
      .on_write_complete =
          [this](TcpConnection& c) {
            events_.push_back("write complete");
            if (on_write_complete_) on_write_complete_(c);
          },
      .on_high_water =
          [this](TcpConnection& c) {
            if (on_high_water_) on_high_water_(c);
          },
      .on_low_water =
          [this](TcpConnection& c) {
            if (on_low_water_) on_low_water_(c);
          },
      .on_half_close =
          [this](TcpConnection& c) {
            events_.push_back("half close");
            if (on_half_close_) on_half_close_(c);
          },
      .on_drain =
          [this](TcpConnection& c) {
            events_.push_back("drain");
            if (on_drain_) on_drain_(c);
          },
      .on_timeout =
          [this](TcpConnection& c, CloseReason reason) {
            events_.push_back("timeout " + std::string(ToString(reason)));
            if (on_timeout_) on_timeout_(c, reason);
          },
      .on_close =
          [this](TcpConnection& c, CloseReason reason) {
            events_.push_back("close " + std::string(ToString(reason)));
            if (on_close_) on_close_(c, reason);
          },
  };
}

bool AtEnd(const UniqueFd& fd) {
  char byte;
  return recv(fd.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

std::string ReadAll(const UniqueFd& fd) {
  std::string all;
  std::string some;
  while (!(some = Read(fd)).empty()) all += some;
  return all;
}

}  // namespace rondo
