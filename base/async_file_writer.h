#ifndef RONDO_BASE_ASYNC_FILE_WRITER_H_
#define RONDO_BASE_ASYNC_FILE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "base/unique_fd.h"

namespace rondo {

struct AsyncFileWriterOptions {
  std::string path;  // appended to; made if there is none
  std::string thread_name = "file-writer";
  size_t max_buffered_bytes = 8 << 20;  // beyond it lines are dropped
  // How long a line waits for others to be written with, unless there are
  // enough of them (AsyncFileWriter::kWriteAtBytes) before. Also how long after
  // an error it is tried again.
  absl::Duration max_delay = absl::Milliseconds(200);
};

// Appends lines from many threads to a file, by a thread of its own, many of
// them with one system call. Who has a line never waits for the disk.
//
//   Append() ──► pending blocks ──► taken blocks ──► file
//        any thread         its own thread: writev(2)
//
// A line is whole in the file, and the lines of one thread are in their order.
//
// Threading: all methods are Thread-safe.
// Ownership and lifetime: owns its thread and the file. The destructor writes
// what was appended, and so waits for the disk.
// Errors: what cannot be written (the disk is full) is kept and tried again
// every max_delay; the log says so once, and once when it works again. What
// does not fit meanwhile, or because the disk is too slow, is dropped and
// counted. A destructor that cannot write says in the log what is lost.
// Units: bytes. Blocks that are not full make it use up to twice
// max_buffered_bytes of memory.
// Reference: write(2), open(2) for O_APPEND.
//
// Example:
//   auto writer = AsyncFileWriter::Create({.path = "access.log"});
//   if (!writer.ok()) return writer.status();
//   (*writer)->Append("GET /\n");
class AsyncFileWriter {
 public:
  // As much as waits is written at once; a hundredth of a second of a fast
  // server's lines.
  static constexpr size_t kWriteAtBytes = 256 * 1'024;

  struct Counters {
    uint64_t appended_lines = 0;
    uint64_t dropped_lines = 0;
    uint64_t written_bytes = 0;
    uint64_t failed_writes = 0;
    uint64_t failed_reopens = 0;
  };

  // Opens the file, or says why it cannot.
  static absl::StatusOr<std::unique_ptr<AsyncFileWriter>> Create(
      AsyncFileWriterOptions options);
  AsyncFileWriter(const AsyncFileWriter&) = delete;
  AsyncFileWriter& operator=(const AsyncFileWriter&) = delete;
  ~AsyncFileWriter();

  // Takes one or more lines, each with its '\n'; false if they are dropped.
  // Holds a lock for as long as it takes to copy them.
  bool Append(std::string_view lines);

  // Waits until what was appended before is in the file, or says why it is not.
  // Not on a loop's thread: it does wait for the disk.
  absl::Status Flush();

  // For when the file was renamed: has the thread write what was appended so
  // far, then open the path anew, making the file if it is gone. Does not wait;
  // Flush() afterwards does. What is appended meanwhile is in either. If it
  // cannot be opened the log says so, and the old file is written on.
  void Reopen();

  Counters counters() const;

 private:
  using Blocks = std::vector<std::string>;

  // What the thread does between two waits.
  struct Round {
    bool reopen = false;
    bool last = false;
    uint64_t flushes = 0;  // are done at its end
  };

  explicit AsyncFileWriter(AsyncFileWriterOptions options);

  std::string& PendingBlockFor(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasRequest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::StatusOr<UniqueFd> Open() const;

  // The thread.
  void Work();
  Round BeginRound();
  void EndRound(const Round& round, const absl::Status& written);
  absl::Status WriteAll();
  absl::Status WriteTaken();
  void Advance(size_t bytes);
  void OpenAnew();
  void RewindToLine();
  void Report(const absl::Status& written);

  const AsyncFileWriterOptions options_;
  const size_t write_at_bytes_;

  // Of the thread only.
  UniqueFd file_;
  Blocks taken_;
  size_t written_of_first_ = 0;  // how much of the first block is in the file
  bool failing_ = false;

  mutable Mutex mu_;
  CondVar wake_;
  CondVar round_ended_;
  Blocks pending_ ABSL_GUARDED_BY(mu_);
  Blocks spare_ ABSL_GUARDED_BY(mu_);  // empty, with memory
  size_t pending_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  size_t buffered_bytes_ ABSL_GUARDED_BY(mu_) = 0;  // pending and taken
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool reopen_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t asked_flushes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t done_flushes_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status last_status_ ABSL_GUARDED_BY(mu_);
  Counters counters_ ABSL_GUARDED_BY(mu_);

  std::optional<Thread> thread_;
};

}  // namespace rondo

#endif  // RONDO_BASE_ASYNC_FILE_WRITER_H_
