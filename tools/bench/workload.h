#ifndef RONDO_TOOLS_BENCH_WORKLOAD_H_
#define RONDO_TOOLS_BENCH_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rondo::bench {

enum class Mode {
  kEcho,   // Bytes out, the same bytes back.
  kUpper,  // Letters out, the same in upper case back.
  kHello,  // GET with keep-alive, exactly one reply back.
  kClose,  // GET, one reply, then the server closes.
};

// How far the reply to one request has come.
struct Reply {
  static constexpr uint64_t kUntilEnd = UINT64_MAX;  // No Content-Length.

  int whole = 0;          // Of pipelined ones, those that are complete;
  uint64_t received = 0;  // the rest is of the next.
  uint64_t expected = 0;  // 0 while the head is not complete.
  std::string head;       // Only of a head that came in pieces.
};

// What a request is and what its reply must be. Holds no state of connections.
//
// Threading: const after construction, so Thread-safe.
class Workload {
 public:
  enum class Verdict { kMore, kDone, kWrong };

  // `pipeline`: requests that are sent at once, in kHello. `varied`: each of
  // those differs from the one before it, in its query.
  Workload(Mode mode, size_t message_bytes, const std::string& host,
           int pipeline, bool varied);

  // The bytes to send for message `sequence` of connection `id`. Valid as long
  // as this object: an echo message is a window on one block of random bytes
  // that lies elsewhere for each connection and each sequence number, and so
  // are varied requests one on a block of numbered ones.
  std::string_view Request(uint32_t id, uint32_t sequence) const;

  // How many requests a message has.
  int pipeline() const { return pipeline_; }

  // Takes the next bytes of the reply to `request`.
  Verdict OnBytes(std::string_view request, std::string_view bytes,
                  Reply* reply) const;

  // The peer has closed. Never kMore.
  Verdict OnEnd(const Reply& reply) const;

  bool closes() const { return mode_ == Mode::kClose; }

 private:
  void MakeRequests(const std::string& host);
  void MakeEchoes();

  bool is_echo() const { return mode_ == Mode::kEcho || mode_ == Mode::kUpper; }
  // What comes back for `request`, in these modes.
  std::string_view Echo(std::string_view request) const {
    return {echoes_.data() + (request.data() - bytes_.data()), request.size()};
  }

  const Mode mode_;
  const int pipeline_;
  const bool varied_;
  size_t message_bytes_;      // Of all requests that are sent at once.
  size_t request_bytes_ = 0;  // Of a GET request.
  std::string bytes_;         // The random block, or the GET requests.
  std::string echoes_;        // What comes back for that block.
};

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_WORKLOAD_H_
