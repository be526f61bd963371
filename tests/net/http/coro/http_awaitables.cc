// The conformance suite of tests/net/coro, for what HTTP's tasks await.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/coro/async_request.h"
#include "net/http/coro/async_response.h"
#include "net/http/coro/kept_request.h"
#include "net/http/held_exchange.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_connection.h"
#include "net/http/http_service.h"
#include "net/http/router.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/socket.h"
#include "tests/net/coro/awaitable_fixture.h"
#include "tests/testing/memory_file.h"
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

// A request whose body is to come, and what a task would have of it.
class HttpCase : public AwaitableCase {
 public:
  HttpCase(EventLoop& loop, FakeClock&) {
    Router router;
    router.Add("POST", "/",
               [this](const HttpRequest& request, ResponseWriter& writer) {
                 exchange_.emplace(writer, [this] { HandleGone(); });
                 kept_.Keep(request);
                 request_.emplace(&*exchange_, &kept_);
                 response_.emplace(&*exchange_);
                 response_->Begin(HttpStatus::kOk, "x/y", kMuchBytes);
               },
               {.stream_body = true});
    TcpConnection& connection = loop.Local<ConnectionTable>().Open(
        Socket(std::move(pair_.a)), InetAddress(),
        ConnectionMembership(
            std::make_shared<ConnectionGroup>(
                HttpCallbacks(std::make_shared<const HttpService>(
                    std::move(router), HttpOptions())),
                /*loops=*/1),
            /*loop_index=*/0));
    Buffer head;
    head.Append("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    connection.context<HttpConnection>()->HandleInput(head);
  }

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return co_await AwaitOn(*request_, *response_);
  }

 protected:
  // The connection may be closed.
  void SendToIt(std::string_view bytes) {
    (void)send(pair_.b.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void Read() {
    std::array<char, 64 * 1'024> block;
    while (recv(pair_.b.get(), block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
  }

 private:
  virtual Task<Ended> AwaitOn(AsyncRequest& request,
                              AsyncResponse& response) = 0;

  void HandleGone() {
    request_->HandleGone();
    response_->HandleGone();
  }

  FdPair pair_ = UnixPair();
  KeptRequest kept_;
  std::optional<HeldExchange> exchange_;
  std::optional<AsyncRequest> request_;
  std::optional<AsyncResponse> response_;
};

class BodyCase : public HttpCase {
 public:
  using HttpCase::HttpCase;
  void Happen() override { SendToIt("some"); }

 private:
  Task<Ended> AwaitOn(AsyncRequest& request, AsyncResponse&) override {
    const auto piece = co_await request.Read();
    if (piece.ok()) {
      EXPECT_EQ(*piece, "some");
    }
    co_return EndedOf(piece.status());
  }
};

// What waits until the peer reads.
class OutputCase : public HttpCase {
 public:
  using HttpCase::HttpCase;
  void Happen() override { reading_ = true; }
  void GoOn() override {
    if (reading_) Read();
  }

 private:
  bool reading_ = false;
};

class WriteCase : public OutputCase {
 public:
  using OutputCase::OutputCase;

 private:
  Task<Ended> AwaitOn(AsyncRequest&, AsyncResponse& response) override {
    const std::string much(kMuchBytes, 'x');
    co_return EndedOf(co_await response.Write(much));
  }
};

class WriteFileCase : public OutputCase {
 public:
  using OutputCase::OutputCase;

 private:
  Task<Ended> AwaitOn(AsyncRequest&, AsyncResponse& response) override {
    const MemoryFile file = MakeSparseFile(kMuchBytes);
    co_return EndedOf(co_await response.WriteFile(file, 0, kMuchBytes));
  }
};

}  // namespace

std::vector<AwaitableMaker> AllAwaitables() {
  return {MakerOf<BodyCase>("HttpBody"), MakerOf<WriteCase>("HttpWrite"),
          MakerOf<WriteFileCase>("HttpWriteFile")};
}

}  // namespace rondo
