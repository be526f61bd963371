#ifndef RONDO_NET_TCP_TAKEOVER_PROTOCOL_H_
#define RONDO_NET_TCP_TAKEOVER_PROTOCOL_H_

#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// How a new process gets the listening sockets of an old one, over a unix
// stream socket that the old one listens on: the control socket.
//
//   new process (TakeoverRequest)        old process (TakeoverListener)
//
//   connects
//   'R' 'T' 'O' version  ──────────────►
//                        ◄──────────────  'R' 'T' 'O' version verdict 0 n n
//                        ◄──────────────  '+', as often as it takes
//   accepts on them
//   'C'                  ──────────────►  accepts no more
//                        ◄──────────────  'D'
//
// version  1: what stands here. Who speaks another one says so and hangs up.
// verdict  'Y': takes the request. 'U': the user may not. 'V': the version is
//          unknown. After the last two comes the end.
// n n      how many descriptors, the more significant byte first; 0 if refused.
//          They come in this order: the control socket, the listening sockets.
//          The first 253 with this answer's first byte, then up to 253 with
//          each '+' (see kMaxFdsPerMessage).
// 'C'      confirms: the new process accepts. Until it has come, the old one
//          goes on as if nothing had happened, whatever else comes or does not.
// 'D'      done. The old process accepts no more.
// 'W'      in place of 'D' or of a '+': withdrawn, the old process goes on.
//
// An end with neither 'D' nor 'W' is that of the old process: the new one, if
// it has all descriptors, is the only one that is left.

namespace rondo {

inline constexpr char kTakeoverVersion = 1;
inline constexpr std::string_view kTakeoverRequest("RTO\1", 4);
inline constexpr size_t kTakeoverAnswerBytes = 8;
inline constexpr std::string_view kTakeoverMore = "+";
inline constexpr std::string_view kTakeoverConfirmed = "C";
inline constexpr std::string_view kTakeoverDone = "D";
inline constexpr std::string_view kTakeoverWithdrawn = "W";

// What is sent at once, before the new process reads, must fit into the socket.
inline constexpr size_t kMaxTakeoverDescriptors = 4'096;

enum class TakeoverVerdict : char {
  kTaken = 'Y',
  kWrongUser = 'U',
  kUnknownVersion = 'V',
};

// The old process's 8 bytes.
struct TakeoverAnswer {
  TakeoverVerdict verdict = TakeoverVerdict::kTaken;
  size_t descriptors = 0;

  std::string Encode() const;
  // The refusals are errors, as is what is no answer.
  static absl::StatusOr<TakeoverAnswer> Decode(std::string_view bytes);
};

// Whether this process trusts `user` with its listening sockets, and trusts
// those that `user` gives.
inline bool MayTakeOver(uid_t user) { return user == 0 || user == geteuid(); }

}  // namespace rondo

#endif  // RONDO_NET_TCP_TAKEOVER_PROTOCOL_H_
