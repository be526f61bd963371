#include "net/http/logged_request.h"

namespace rondo {

void LoggedRequest::Set(const RequestHead* head, const InetAddress& peer) {
  const RequestHead none;
  if (head == nullptr) head = &none;
  text_.clear();
  minor_version_ = head->minor_version;
  Add(kPeer, peer.HostToString());
  Add(kMethod, head->method);
  Add(kTarget, head->target.text);
  Add(kHost, head->host);
  Add(kReferer, head->Find("Referer").value_or(""));
  Add(kUserAgent, head->Find("User-Agent").value_or(""));
  Add(kUser, "");
}

void LoggedRequest::SetUser(std::string_view user) {
  text_.resize(ends_[kUser - 1]);
  Add(kUser, user);
}

void LoggedRequest::Add(Part part, std::string_view value) {
  text_ += value;
  ends_[part] = text_.size();
}

void LoggedRequest::CopyTo(AccessRecord& record) const {
  const auto get = [this](Part part) {
    const size_t begin = part == kPeer ? 0 : ends_[part - 1];
    return std::string_view(text_).substr(begin, ends_[part] - begin);
  };
  record.minor_version = minor_version_;
  record.peer = get(kPeer);
  record.method = get(kMethod);
  record.target = get(kTarget);
  record.host = get(kHost);
  record.referer = get(kReferer);
  record.user_agent = get(kUserAgent);
  record.user = get(kUser);
}

}  // namespace rondo
