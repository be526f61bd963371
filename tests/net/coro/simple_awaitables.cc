#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "net/coro/async_channel.h"
#include "net/coro/async_event.h"
#include "net/coro/async_mutex.h"
#include "net/coro/readiness.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "tests/net/coro/awaitable_case.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr absl::Duration kWhile = absl::Seconds(1);

Ended EndedOf(bool came) { return came ? Ended::kCame : Ended::kStopped; }

class SleepForCase : public AwaitableCase {
 public:
  SleepForCase(EventLoop&, FakeClock& clock) : clock_(clock) {}

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf(co_await SleepFor(kWhile));
  }
  void Happen() override { clock_.Advance(kWhile); }

 protected:
  FakeClock& clock_;
};

class SleepUntilCase : public SleepForCase {
 public:
  using SleepForCase::SleepForCase;

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf(co_await SleepUntil(clock_.Now() + kWhile));
  }
};

class ReadableCase : public AwaitableCase {
 public:
  ReadableCase(EventLoop&, FakeClock&) {}

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf((co_await Readable(pipe_.a.get())).ok());
  }
  void Happen() override { Write(pipe_.b, "x"); }

 private:
  const FdPair pipe_ = Pipe();
};

class WritableCase : public AwaitableCase {
 public:
  WritableCase(EventLoop&, FakeClock&) { FillOutput(pair_.a); }

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf((co_await Writable(pair_.a.get())).ok());
  }
  void Happen() override { Drain(pair_.b); }

 private:
  const FdPair pair_ = UnixPair();
};

class EventCase : public AwaitableCase {
 public:
  EventCase(EventLoop&, FakeClock&) {}

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf(co_await event_.Wait());
  }
  void Happen() override { event_.Set(); }
  bool comes_at_once() const override { return true; }

 private:
  AsyncEvent event_;
};

class MutexCase : public AwaitableCase {
 public:
  MutexCase(EventLoop& loop, FakeClock&) { Spawn(&loop, Occupy()); }

  Task<Ended> Await(std::shared_ptr<void>) override {
    const AsyncMutex::Lock lock = co_await mutex_.Acquire();
    co_return EndedOf(static_cast<bool>(lock));
  }
  void Happen() override { lock_.Release(); }
  bool comes_at_once() const override { return true; }

 private:
  Task<> Occupy() { lock_ = co_await mutex_.Acquire(); }

  AsyncMutex mutex_;
  AsyncMutex::Lock lock_;  // another's
};

class ReceiveCase : public AwaitableCase {
 public:
  ReceiveCase(EventLoop&, FakeClock&) {}

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf((co_await channel_.Receive()).has_value());
  }
  void Happen() override { channel_.TrySend(1); }
  bool comes_at_once() const override { return true; }

 private:
  AsyncChannel<int> channel_{1};
};

class SendCase : public AwaitableCase {
 public:
  SendCase(EventLoop& loop, FakeClock&) : loop_(&loop) { channel_.TrySend(1); }

  Task<Ended> Await(std::shared_ptr<void>) override {
    co_return EndedOf(co_await channel_.Send(2));
  }
  void Happen() override { Spawn(loop_, MakeRoom()); }
  bool comes_at_once() const override { return true; }

 private:
  Task<> MakeRoom() { (void)co_await channel_.Receive(); }

  EventLoop* const loop_;
  AsyncChannel<int> channel_{1};
};

}  // namespace

std::vector<AwaitableMaker> SimpleAwaitables() {
  return {
      MakerOf<SleepForCase>("SleepFor"), MakerOf<SleepUntilCase>("SleepUntil"),
      MakerOf<ReadableCase>("Readable"), MakerOf<WritableCase>("Writable"),
      MakerOf<EventCase>("EventWait"),   MakerOf<MutexCase>("MutexAcquire"),
      MakerOf<SendCase>("ChannelSend"),  MakerOf<ReceiveCase>("ChannelReceive"),
  };
}

}  // namespace rondo
