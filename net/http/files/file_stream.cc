#include "net/http/files/file_stream.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace rondo {
namespace {

// Appends so many bytes of a file. False if it has not as many, or cannot be
// read.
bool AppendFrom(const UniqueFd& file, uint64_t offset, size_t bytes,
                std::string& to) {
  const size_t end = to.size() + bytes;
  size_t at = to.size();
  to.resize(end);
  while (at < end) {
    const ssize_t n =
        pread(file.get(), to.data() + at, end - at, static_cast<off_t>(offset));
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
    if (n < 0) continue;
    at += static_cast<size_t>(n);
    offset += static_cast<uint64_t>(n);
  }
  return true;
}

}  // namespace

FileStream::FileStream(UniqueFd file, std::vector<FileAnswer::Part> parts)
    : file_(std::make_shared<const UniqueFd>(std::move(file))),
      parts_(std::move(parts)) {}

uint64_t FileStream::bytes() const {
  uint64_t bytes = 0;
  for (const FileAnswer::Part& part : parts_) {
    bytes += part.text.size() + part.bytes;
  }
  return bytes;
}

std::optional<std::string> FileStream::ReadAll() const {
  std::string all;
  all.reserve(bytes());
  for (const auto& [text, offset, bytes] : parts_) {
    all += text;
    if (!AppendFrom(*file_, offset, bytes, all)) return std::nullopt;
  }
  return all;
}

void FileStream::operator()(ResponseWriter& writer) {
  while (next_ < parts_.size()) {
    if (writer.room_bytes() == 0 || !WriteNext(writer)) return;
  }
  // The connection has all of it, and sends it still: the next answer, which
  // may be of a file, too, has its turn when this one is closed.
  if (file_.use_count() == 1) writer.End();
}

bool FileStream::WriteNext(ResponseWriter& writer) {
  FileAnswer::Part& part = parts_[next_];
  if (!part.text.empty() && !writer.Write(std::exchange(part.text, {}))) {
    return false;
  }
  const size_t bytes = std::min<uint64_t>(part.bytes, writer.room_bytes());
  if (bytes > 0 && !writer.WriteFile(file_, part.offset, bytes)) return false;
  part.offset += bytes;
  part.bytes -= bytes;
  if (part.bytes == 0) ++next_;
  return true;
}

}  // namespace rondo
