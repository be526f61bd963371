#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/socket.h"
#include "tests/net/coro/awaitable_case.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

// More than the kernel takes of a socket pair, and so above the mark as well.
constexpr size_t kMuchBytes = 2 * 1'024 * 1'024;

Ended EndedOf(const absl::Status& status) {
  if (!status.ok()) {
    EXPECT_TRUE(absl::IsCancelled(status)) << status;
  }
  return status.ok() ? Ended::kCame : Ended::kStopped;
}

class StreamCase : public AwaitableCase {
 public:
  StreamCase(EventLoop& loop, FakeClock&)
      : connection_(&loop.Local<ConnectionTable>().Open(
            Socket(std::move(pair_.a)), InetAddress(),
            ConnectionMembership(std::make_shared<ConnectionGroup>(
                                     StreamCallbacks(), /*loops=*/1),
                                 /*loop_index=*/0))) {}

  Task<Ended> Await(std::shared_ptr<void>) override {
    Stream stream(*connection_);
    co_return co_await AwaitOn(stream);
  }

 protected:
  // The connection may be closed.
  void SendToIt(std::string_view bytes) {
    (void)send(pair_.b.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  const UniqueFd& peer() const { return pair_.b; }

 private:
  virtual Task<Ended> AwaitOn(Stream& stream) = 0;

  FdPair pair_ = UnixPair();
  TcpConnection* const connection_;
};

class ReadCase : public StreamCase {
 public:
  using StreamCase::StreamCase;
  void Happen() override { SendToIt("some"); }

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    const auto bytes = co_await stream.Read();
    if (bytes.ok()) {
      EXPECT_EQ(*bytes, "some");
    }
    co_return EndedOf(bytes.status());
  }
};

class ReadExactlyCase : public StreamCase {
 public:
  using StreamCase::StreamCase;
  void Happen() override { SendToIt("exactly"); }

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    const auto bytes = co_await stream.ReadExactly(5);
    if (bytes.ok()) {
      EXPECT_EQ(*bytes, "exact");
    }
    co_return EndedOf(bytes.status());
  }
};

class ReadUntilCase : public StreamCase {
 public:
  using StreamCase::StreamCase;
  void Happen() override { SendToIt("line\r\nmore"); }

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    const auto bytes = co_await stream.ReadUntil("\r\n", 100);
    if (bytes.ok()) {
      EXPECT_EQ(*bytes, "line\r\n");
    }
    co_return EndedOf(bytes.status());
  }
};

// What waits until the peer reads.
class OutputCase : public StreamCase {
 public:
  using StreamCase::StreamCase;
  void Happen() override { Drain(peer()); }
  void GoOn() override { Drain(peer()); }
};

class WriteCase : public OutputCase {
 public:
  using OutputCase::OutputCase;

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    co_return EndedOf(co_await stream.Write(std::string(kMuchBytes, 'x')));
  }
};

class FlushCase : public OutputCase {
 public:
  using OutputCase::OutputCase;

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    EXPECT_TRUE(stream.connection()->Send(std::string(kMuchBytes, 'x')));
    co_return EndedOf(co_await stream.Flush());
  }
};

class ShutdownCase : public OutputCase {
 public:
  using OutputCase::OutputCase;

 private:
  Task<Ended> AwaitOn(Stream& stream) override {
    EXPECT_TRUE(stream.connection()->Send(std::string(kMuchBytes, 'x')));
    co_return EndedOf(co_await stream.Shutdown());
  }
};

}  // namespace

std::vector<AwaitableMaker> StreamAwaitables() {
  return {
      MakerOf<ReadCase>("StreamRead"),
      MakerOf<ReadExactlyCase>("StreamReadExactly"),
      MakerOf<ReadUntilCase>("StreamReadUntil"),
      MakerOf<WriteCase>("StreamWrite"),
      MakerOf<FlushCase>("StreamFlush"),
      MakerOf<ShutdownCase>("StreamShutdown"),
  };
}

}  // namespace rondo
