#include "base/async_file_writer.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr mode_t kMode = 0640;  // who asked for what is not for everybody
constexpr size_t kBlockBytes = 64 * 1'024;
constexpr size_t kMaxBlocksAtOnce = 16;  // of one writev()
constexpr size_t kMaxSpareBlocks = 16;   // after a burst the rest is freed

}  // namespace

absl::StatusOr<std::unique_ptr<AsyncFileWriter>> AsyncFileWriter::Create(
    AsyncFileWriterOptions options) {
  std::unique_ptr<AsyncFileWriter> writer(
      new AsyncFileWriter(std::move(options)));
  auto file = writer->Open();
  if (!file.ok()) return file.status();
  writer->file_ = *std::move(file);
  auto thread = Thread::Start(writer->options_.thread_name,
                              [w = writer.get()] { w->Work(); });
  if (!thread.ok()) return thread.status();
  writer->thread_.emplace(*std::move(thread));
  return writer;
}

AsyncFileWriter::AsyncFileWriter(AsyncFileWriterOptions options)
    : options_(std::move(options)),
      // Halfway, so that writing begins before anything is dropped.
      write_at_bytes_(
          std::min(kWriteAtBytes, options_.max_buffered_bytes / 2)) {}

AsyncFileWriter::~AsyncFileWriter() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  thread_.reset();  // joins
}

bool AsyncFileWriter::Append(std::string_view lines) {
  if (lines.empty()) return true;
  bool wake;
  {
    MutexLock lock(&mu_);
    if (buffered_bytes_ + lines.size() > options_.max_buffered_bytes) {
      ++counters_.dropped_lines;
      return false;
    }
    const size_t before = pending_bytes_;
    PendingBlockFor(lines.size()).append(lines);
    pending_bytes_ += lines.size();
    buffered_bytes_ += lines.size();
    ++counters_.appended_lines;
    // The first ends the thread's wait for something, the other one its wait
    // for more: two system calls for as many lines as it then writes.
    wake = before == 0 ||
           (before < write_at_bytes_ && pending_bytes_ >= write_at_bytes_);
  }
  if (wake) wake_.NotifyOne();
  return true;
}

absl::Status AsyncFileWriter::Flush() {
  MutexLock lock(&mu_);
  const uint64_t flush = ++asked_flushes_;
  wake_.NotifyOne();
  while (done_flushes_ < flush) round_ended_.Wait(&mu_);
  return last_status_;
}

void AsyncFileWriter::Reopen() {
  {
    MutexLock lock(&mu_);
    reopen_ = true;
  }
  wake_.NotifyOne();
}

AsyncFileWriter::Counters AsyncFileWriter::counters() const {
  MutexLock lock(&mu_);
  return counters_;
}

// Blocks begin with the beginning of a line: RewindToLine() relies on it.
std::string& AsyncFileWriter::PendingBlockFor(size_t bytes) {
  if (!pending_.empty() && pending_.back().size() + bytes <= kBlockBytes) {
    return pending_.back();
  }
  if (spare_.empty()) {
    pending_.emplace_back().reserve(kBlockBytes);
  } else {
    pending_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return pending_.back();
}

bool AsyncFileWriter::HasRequest() const {
  return stopping_ || reopen_ || asked_flushes_ != done_flushes_;
}

absl::StatusOr<UniqueFd> AsyncFileWriter::Open() const {
  UniqueFd file(::open(options_.path.c_str(),
                       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
                       kMode));
  if (file.valid()) return file;
  return absl::ErrnoToStatus(
      errno, absl::StrCat("cannot open ", options_.path, " for appending"));
}

// --- The thread. -------------------------------------------------------------

void AsyncFileWriter::Work() {
  Round round;
  while (!round.last) {
    round = BeginRound();
    absl::Status written = WriteAll();
    if (round.reopen) {
      OpenAnew();
      if (!written.ok()) written = WriteAll();
    }
    Report(written);
    EndRound(round, written);
  }
  MutexLock lock(&mu_);
  LOG_IF(ERROR, buffered_bytes_ > 0)
      << options_.path << ": " << buffered_bytes_ << " bytes are lost";
}

// Waits for something to do, then for more of it. A wake-up without a reason
// only ends the gathering early.
AsyncFileWriter::Round AsyncFileWriter::BeginRound() {
  MutexLock lock(&mu_);
  while (!HasRequest() && buffered_bytes_ == 0) wake_.Wait(&mu_);
  if (!HasRequest() && (failing_ || pending_bytes_ < write_at_bytes_)) {
    wake_.WaitFor(&mu_, options_.max_delay);
  }
  return {.reopen = std::exchange(reopen_, false),
          .last = stopping_,
          .flushes = asked_flushes_};
}

void AsyncFileWriter::EndRound(const Round& round,
                               const absl::Status& written) {
  MutexLock lock(&mu_);
  if (!written.ok()) ++counters_.failed_writes;
  last_status_ = written;
  done_flushes_ = round.flushes;
  round_ended_.NotifyAll();
}

// What is left of an earlier round, then what has come since. As long as that
// rest cannot be written, more is not taken: it fills up its blocks.
absl::Status AsyncFileWriter::WriteAll() {
  const absl::Status rest = WriteTaken();
  if (!rest.ok()) return rest;
  {
    MutexLock lock(&mu_);
    taken_.swap(pending_);
    pending_bytes_ = 0;
  }
  return WriteTaken();
}

absl::Status AsyncFileWriter::WriteTaken() {
  while (!taken_.empty()) {
    std::array<iovec, kMaxBlocksAtOnce> pieces;
    const size_t count = std::min(taken_.size(), pieces.size());
    for (size_t i = 0; i < count; ++i) {
      const size_t skip = i == 0 ? written_of_first_ : 0;
      pieces[i] = {.iov_base = taken_[i].data() + skip,
                   .iov_len = taken_[i].size() - skip};
    }
    const ssize_t n =
        ::writev(file_.get(), pieces.data(), static_cast<int>(count));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return absl::ErrnoToStatus(errno,
                                 absl::StrCat("cannot write ", options_.path));
    }
    Advance(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

// Forgets what is in the file now, and makes room for as much.
void AsyncFileWriter::Advance(size_t bytes) {
  written_of_first_ += bytes;
  auto end = taken_.begin();
  while (end != taken_.end() && written_of_first_ >= end->size()) {
    written_of_first_ -= end->size();
    ++end;
  }
  {
    MutexLock lock(&mu_);
    buffered_bytes_ -= bytes;
    counters_.written_bytes += bytes;
    for (auto block = taken_.begin(); block != end; ++block) {
      if (spare_.size() == kMaxSpareBlocks) break;
      if (block->capacity() > 2 * kBlockBytes) continue;
      block->clear();
      spare_.push_back(std::move(*block));
    }
  }
  taken_.erase(taken_.begin(), end);
}

void AsyncFileWriter::OpenAnew() {
  auto file = Open();
  if (file.ok()) {
    file_ = *std::move(file);
    return RewindToLine();
  }
  LOG(ERROR) << file.status().message() << ": going on with the old file";
  MutexLock lock(&mu_);
  ++counters_.failed_reopens;
}

// What could not be written to the old file may end within a line: the new one
// gets all of that line.
void AsyncFileWriter::RewindToLine() {
  if (written_of_first_ == 0) return;
  const size_t line =
      taken_.front().rfind('\n', written_of_first_ - 1) + 1;  // or the start
  MutexLock lock(&mu_);
  buffered_bytes_ += written_of_first_ - line;
  written_of_first_ = line;
}

void AsyncFileWriter::Report(const absl::Status& written) {
  if (!written.ok() && !failing_) {
    LOG(ERROR) << written.message() << ": trying again every "
               << options_.max_delay << ", and dropping lines beyond "
               << options_.max_buffered_bytes << " bytes";
  }
  if (written.ok() && failing_)
    LOG(WARNING) << "writing " << options_.path << " again";
  failing_ = !written.ok();
}

}  // namespace rondo
