#ifndef RONDO_EXAMPLES_UPLOAD_POOLED_FILE_H_
#define RONDO_EXAMPLES_UPLOAD_POOLED_FILE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/thread_pool.h"
#include "examples/upload/received_file.h"
#include "net/http/body_reader.h"
#include "net/http/response_writer.h"

namespace rondo::examples {

// A ReceivedFile whose every step is a thread pool's, also that in which it is
// thrown away: the loop never waits for the disk.
//
//            Append, Finish, Abandon
//   loop ─────────────────────────────► pool        who has the file
//     ▲───────────── GiveBack ────────────┘
//
// Each has one task at most in the pool's queue. As there are not more of them
// than it has room for, it never is full.
//
// Threading: the loop's thread only, but for the steps.
// Ownership and lifetime: the reader's, and the steps'.
class PooledFile {
 public:
  // Null: there are as many as there may be.
  static std::shared_ptr<PooledFile> Make(ThreadPool& pool,
                                          std::unique_ptr<ReceivedFile> file,
                                          ResponseWriter& writer);
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;
  ~PooledFile() { --count_; }

  // What takes the body and answers.
  static BodyReader Reader(std::shared_ptr<PooledFile> self);

 private:
  using Pointer = std::shared_ptr<PooledFile>;

  PooledFile(ThreadPool& pool, std::unique_ptr<ReceivedFile> file,
             DeferredResponse answer)
      : pool_(pool), answer_(std::move(answer)), file_(std::move(file)) {}

  static void Append(const Pointer& self, std::string piece);
  static void Finish(const Pointer& self);
  static void Abandon(const Pointer& self);
  static void GiveBack(const Pointer& self, std::unique_ptr<ReceivedFile> file);
  void Submit(ThreadPool::Task step);

  static std::atomic<size_t> count_;

  ThreadPool& pool_;
  const DeferredResponse answer_;
  std::unique_ptr<ReceivedFile> file_;  // null while the pool has it
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_POOLED_FILE_H_
