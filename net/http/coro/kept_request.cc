#include "net/http/coro/kept_request.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace rondo {
namespace {

// The bytes of a head, from the first to the last that it has views of.
class HeadBytes {
 public:
  explicit HeadBytes(const RequestHead& head)
      : limit_(head.method.data() + head.bytes), bytes_(head.method) {
    Include(head.target.text);  // and so what it consists of
    if (!head.fields.empty()) Include(head.fields.back().name);
    if (!head.fields.empty()) Include(head.fields.back().value);
  }

  std::string_view view() const { return bytes_; }

  bool Have(std::string_view part) const {
    return IsWithin(part, bytes_.data() + bytes_.size());
  }

  // Where `part` is in a copy that begins at `copy`. What is not within is a
  // constant of the parser's.
  std::string_view Move(std::string_view part, const char* copy) const {
    if (!Have(part)) return part;
    return {copy + (part.data() - bytes_.data()), part.size()};
  }

 private:
  // Pointers into other objects have an order by std::less_equal only.
  bool IsWithin(std::string_view part, const char* end) const {
    const std::less_equal<const char*> le;
    return part.data() != nullptr && le(bytes_.data(), part.data()) &&
           le(part.data() + part.size(), end);
  }
  void Include(std::string_view part) {
    if (!IsWithin(part, limit_)) return;
    const size_t end = part.data() + part.size() - bytes_.data();
    bytes_ = {bytes_.data(), std::max(bytes_.size(), end)};
  }

  const char* const limit_;
  std::string_view bytes_;
};

}  // namespace

void KeptRequest::Keep(const HttpRequest& request) {
  const HeadBytes from(request.head());
  size_t bytes = from.view().size() + request.body().size();
  for (const auto& entry : request.parameters().entries()) {
    if (!from.Have(entry.value)) bytes += entry.value.size();
  }
  bytes_.clear();
  bytes_.reserve(bytes);  // it does not move any more
  const auto append = [this](std::string_view text) {
    const size_t begin = bytes_.size();
    bytes_.append(text);
    return std::string_view(bytes_).substr(begin);
  };
  append(from.view());
  const char* const copy = bytes_.data();

  head_ = request.head();
  for (std::string_view* part :
       {&head_.method, &head_.target.text, &head_.target.authority,
        &head_.target.path, &head_.target.query, &head_.host}) {
    *part = from.Move(*part, copy);
  }
  for (HttpField& field : head_.fields) {
    field = {from.Move(field.name, copy), from.Move(field.value, copy)};
  }
  parameters_.Clear();
  for (const auto& [name, value] : request.parameters().entries()) {
    const bool had = from.Have(value);  // else it was decoded
    parameters_.Add(name, had ? from.Move(value, copy) : append(value));
  }
  peer_ = request.peer_address();
  body_ = append(request.body());
  trailers_ = request.trailers();
}

KeptRequests::Pointer KeptRequests::Keep(const HttpRequest& request) {
  if (spare_.empty()) spare_.push_back(std::make_unique<KeptRequest>());
  Pointer kept(spare_.back().release(), Return{loop_});
  spare_.pop_back();
  kept->Keep(request);
  return kept;
}

void KeptRequests::Return::operator()(KeptRequest* request) const {
  std::unique_ptr<KeptRequest> owned(request);
  auto& spare = loop->Local<KeptRequests>().spare_;
  if (spare.size() >= kMaxSpare) return;
  if (owned->capacity_bytes() > kMaxSpareBytes) return;
  spare.push_back(std::move(owned));
}

}  // namespace rondo
