#include "net/tcp/output_queue.h"

#include <algorithm>
#include <utility>

namespace rondo {

void OutputQueue::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  CopySlice().Append(bytes);
  bytes_ += bytes.size();
}

void OutputQueue::Append(std::string&& bytes) {
  if (bytes.size() < kMinSliceBytes) return Append(std::string_view(bytes));
  bytes_ += bytes.size();
  slices_.emplace_back(std::move(bytes));
}

void OutputQueue::Append(SharedPayload payload) {
  if (payload == nullptr) return;
  if (payload->size() < kMinSliceBytes) {
    return Append(std::string_view(*payload));
  }
  bytes_ += payload->size();
  slices_.emplace_back(std::move(payload));
}

void OutputQueue::Append(FilePiece piece) {
  if (piece.bytes == 0) return;
  bytes_ += piece.bytes;
  file_bytes_ += piece.bytes;
  slices_.emplace_back(std::move(piece));
}

OutputQueue::Gathered OutputQueue::Gather(iovec* slices, int max) const {
  Gathered gathered;
  size_t offset = front_offset_;
  for (size_t i = front_; i < slices_.size(); ++i) {
    const std::string_view view = ViewOf(slices_[i]).substr(offset);
    offset = 0;
    const bool file = view.empty() && SizeOf(slices_[i]) > 0;
    if (file || gathered.count == max) {
      gathered.all = false;
      break;
    }
    if (view.empty()) continue;  // what ClearInPlace() left
    slices[gathered.count++] = {const_cast<char*>(view.data()), view.size()};
    gathered.bytes += view.size();
  }
  return gathered;
}

const OutputQueue::FilePiece* OutputQueue::FrontFile() const {
  size_t i = front_;
  while (i < slices_.size() && SizeOf(slices_[i]) == 0) ++i;  // see Gather()
  return i < slices_.size() ? std::get_if<FilePiece>(&slices_[i]) : nullptr;
}

void OutputQueue::Consume(size_t sent) {
  bytes_ -= sent;
  if (bytes_ == 0 && ClearInPlace()) return;
  sent += front_offset_;
  while (front_ < slices_.size()) {
    const size_t size = SizeOf(slices_[front_]);
    if (sent < size) break;
    sent -= size;
    PopFront();
  }
  if (sent > 0 && ConsumeOfFile(slices_[front_], sent)) sent = 0;
  front_offset_ = sent;
  // Erasing is worth it once it moves no more than it removes.
  if (front_ > 0 && 2 * front_ >= slices_.size()) {
    slices_.erase(slices_.begin(), slices_.begin() + front_);
    front_ = 0;
  }
}

// A piece of a file says itself where it begins.
bool OutputQueue::ConsumeOfFile(Slice& slice, size_t sent) {
  auto* const piece = std::get_if<FilePiece>(&slice);
  if (piece == nullptr) return false;
  piece->offset += sent;
  piece->bytes -= sent;
  file_bytes_ -= sent;
  return true;
}

// Most of the time all that there was is one slice of small pieces.
bool OutputQueue::ClearInPlace() {
  if (slices_.size() != 1) return false;
  Buffer* const copied = std::get_if<Buffer>(&slices_.front());
  if (copied == nullptr || copied->capacity_bytes() > kMaxSpareBytes) {
    return false;
  }
  copied->Clear();
  front_offset_ = 0;
  return true;
}

void OutputQueue::MoveTo(OutputQueue& other) {
  if (other.empty()) other.slices_.clear();  // of an empty slice kept
  for (; front_ < slices_.size(); ++front_, front_offset_ = 0) {
    Slice& slice = slices_[front_];
    if (auto* const piece = std::get_if<FilePiece>(&slice)) {
      other.Append(std::move(*piece));
      continue;
    }
    const std::string_view rest = ViewOf(slice).substr(front_offset_);
    if (rest.empty()) continue;
    // A slice of which the front is sent cannot move into the middle of
    // another queue; nor should a few bytes hold on to much memory.
    const bool whole = front_offset_ == 0;
    const Buffer* copied = std::get_if<Buffer>(&slice);
    const bool roomy = copied && rest.size() < copied->capacity_bytes() / 2;
    if (whole && !roomy) {
      other.Push(std::move(slice), rest.size());
    } else if (!whole && !roomy && other.empty()) {
      other.Push(std::move(slice), rest.size());
      other.front_offset_ = front_offset_;
    } else {
      other.Append(rest);
    }
  }
  slices_.clear();
  front_ = 0;
  bytes_ = 0;
  file_bytes_ = 0;
}

std::string_view OutputQueue::ViewOf(const Slice& slice) {
  if (const auto* copied = std::get_if<Buffer>(&slice)) return copied->view();
  if (const auto* owned = std::get_if<std::string>(&slice)) return *owned;
  const auto* shared = std::get_if<SharedPayload>(&slice);
  return shared != nullptr ? std::string_view(**shared) : std::string_view();
}

size_t OutputQueue::SizeOf(const Slice& slice) {
  const auto* const piece = std::get_if<FilePiece>(&slice);
  return piece != nullptr ? piece->bytes : ViewOf(slice).size();
}

void OutputQueue::PopFront() {
  Slice& slice = slices_[front_++];
  if (const auto* piece = std::get_if<FilePiece>(&slice)) {
    file_bytes_ -= piece->bytes;
  }
  auto* copied = std::get_if<Buffer>(&slice);
  if (copied != nullptr && copied->capacity_bytes() <= kMaxSpareBytes) {
    spare_.Swap(*copied);
    spare_.Clear();
  } else {
    slice.emplace<Buffer>();
  }
}

Buffer& OutputQueue::CopySlice() {
  Buffer* last =
      slices_.empty() ? nullptr : std::get_if<Buffer>(&slices_.back());
  if (last == nullptr || last->readable_bytes() >= kMaxCopiedSliceBytes) {
    last = &std::get<Buffer>(slices_.emplace_back(std::move(spare_)));
  }
  return *last;
}

void OutputQueue::Push(Slice&& slice, size_t bytes) {
  slices_.push_back(std::move(slice));
  bytes_ += bytes;
}

}  // namespace rondo
