#include "examples/upload/received_file.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"

namespace rondo::examples {

bool ReceivedFile::Append(std::string_view piece) {
  hash_.Add(piece);
  if (!file_.Append(piece)) Fail();
  return !failed_;
}

HttpResponse ReceivedFile::Finish() {
  using Outcome = NewFile::Outcome;
  const Outcome outcome = failed_ ? Outcome::kFailed : file_.Finish();
  if (outcome == Outcome::kFailed) {
    if (!failed_) Fail();
    return {.status = HttpStatus::kInternalServerError,
            .body = "the file cannot be written\n"};
  }
  // RFC 9110 §9.3.4: what was there already is not created.
  return {.status = outcome == Outcome::kCreated ? HttpStatus::kCreated
                                                 : HttpStatus::kOk,
          .body = absl::StrCat(hash_.Finish(), "  ", name_, "\n")};
}

void ReceivedFile::Fail() {
  failed_ = true;
  PLOG(ERROR) << "cannot write " << name_ << " in " << directory_;
}

}  // namespace rondo::examples
