#ifndef RONDO_NET_REACTOR_IO_EVENTS_H_
#define RONDO_NET_REACTOR_IO_EVENTS_H_

#include <cstdint>

namespace rondo {

// What a descriptor is ready for, or what a channel wants to hear of: a set.
//
// kReadable and kWritable say that a read or write would not block, which
// includes end of input and errors: the call itself then tells. kHangup says
// that the peer has sent its last, perhaps behind bytes that nobody has read
// yet. kError reports a pending socket error or a poller that cannot watch the
// descriptor; it comes with any other interest, or is asked for alone.
// kOncePerEdge is an interest only: where the poller reports edges, readiness
// that lasts is reported once, when it begins or is renewed.
enum class IoEvents : uint8_t {
  kNone = 0,
  kReadable = 1,
  kWritable = 2,
  kError = 4,
  kHangup = 8,
  kOncePerEdge = 16,
};

constexpr IoEvents operator|(IoEvents a, IoEvents b) {
  return static_cast<IoEvents>(static_cast<uint8_t>(a) |
                               static_cast<uint8_t>(b));
}
constexpr IoEvents operator&(IoEvents a, IoEvents b) {
  return static_cast<IoEvents>(static_cast<uint8_t>(a) &
                               static_cast<uint8_t>(b));
}
constexpr IoEvents operator~(IoEvents a) {
  return static_cast<IoEvents>(~static_cast<uint8_t>(a) & 31);
}

// True if the two sets share a member.
constexpr bool Any(IoEvents set, IoEvents of) {
  return (set & of) != IoEvents::kNone;
}

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_IO_EVENTS_H_
