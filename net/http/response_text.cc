#include "net/http/response_text.h"

namespace rondo {

std::string_view ResponseText::Make(const ResponseHead& head,
                                    std::string_view body) {
  text_.Truncate(head_bytes_);
  if (head_bytes_ == 0 || head != head_) Keep(head);
  text_.Append(body);
  return text_.view();
}

void ResponseText::Keep(const ResponseHead& head) {
  text_.Clear();
  head.AppendTo(text_);
  // Fields of its own nobody else has.
  head_bytes_ = head.field_lines.empty() ? text_.readable_bytes() : 0;
  if (head_bytes_ == 0) return;
  date_ = head.date;
  content_type_ = head.content_type;
  head_ = head;
  head_.date = date_;
  head_.content_type = content_type_;
}

}  // namespace rondo
