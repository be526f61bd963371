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

int OutputQueue::Gather(iovec* slices, int max) const {
  int count = 0;
  size_t offset = front_offset_;
  for (size_t i = front_; i < slices_.size() && count < max; ++i) {
    const std::string_view view = ViewOf(slices_[i]).substr(offset);
    offset = 0;
    if (view.empty()) continue;  // what ClearInPlace() left
    slices[count++] = {const_cast<char*>(view.data()), view.size()};
  }
  return count;
}

void OutputQueue::Consume(size_t sent) {
  bytes_ -= sent;
  if (bytes_ == 0 && ClearInPlace()) return;
  sent += front_offset_;
  while (front_ < slices_.size()) {
    const size_t size = ViewOf(slices_[front_]).size();
    if (sent < size) break;
    sent -= size;
    PopFront();
  }
  front_offset_ = sent;
  // Erasing is worth it once it moves no more than it removes.
  if (front_ > 0 && 2 * front_ >= slices_.size()) {
    slices_.erase(slices_.begin(), slices_.begin() + front_);
    front_ = 0;
  }
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
}

std::string_view OutputQueue::ViewOf(const Slice& slice) {
  if (const auto* copied = std::get_if<Buffer>(&slice)) return copied->view();
  if (const auto* owned = std::get_if<std::string>(&slice)) return *owned;
  return *std::get<SharedPayload>(slice);
}

void OutputQueue::PopFront() {
  Slice& slice = slices_[front_++];
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
