#ifndef RONDO_TESTS_TESTING_RECORDING_CHANNEL_H_
#define RONDO_TESTS_TESTING_RECORDING_CHANNEL_H_

#include <ostream>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/unique_fd.h"
#include "net/reactor/channel.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/io_events.h"

namespace rondo {

// How GoogleTest prints a set of events.
inline void PrintTo(IoEvents events, std::ostream* out) {
  *out << "{" << (Any(events, IoEvents::kReadable) ? " readable" : "")
       << (Any(events, IoEvents::kWritable) ? " writable" : "")
       << (Any(events, IoEvents::kError) ? " error" : "") << " }";
}

inline constexpr IoEvents kReadAndWrite =
    IoEvents::kReadable | IoEvents::kWritable;

// A channel that writes down what it hears and then calls `then`, if any.
class RecordingChannel {
 public:
  using Then = absl::AnyInvocable<void()>;

  RecordingChannel(EventLoop& loop, const UniqueFd& fd, IoEvents interest,
                   Then then = nullptr)
      : then_(std::move(then)), channel_(&loop, fd.get(), [this](IoEvents e) {
          heard_.push_back(e);
          if (then_) then_();
        }) {
    channel_.SetInterest(interest);
  }

  Channel& channel() { return channel_; }
  Channel* operator->() { return &channel_; }

  // What was heard since the last call.
  std::vector<IoEvents> Heard() { return std::exchange(heard_, {}); }

 private:
  Then then_;
  std::vector<IoEvents> heard_;
  Channel channel_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_RECORDING_CHANNEL_H_
