#include "net/tcp/takeover_protocol.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr std::string_view kMagic = kTakeoverRequest.substr(0, 3);

}  // namespace

std::string TakeoverAnswer::Encode() const {
  std::string bytes(kTakeoverRequest);
  bytes += static_cast<char>(verdict);
  bytes += '\0';
  bytes += static_cast<char>(descriptors >> 8);
  bytes += static_cast<char>(descriptors & 0xff);
  return bytes;
}

absl::StatusOr<TakeoverAnswer> TakeoverAnswer::Decode(std::string_view bytes) {
  if (bytes.size() != kTakeoverAnswerBytes || !bytes.starts_with(kMagic)) {
    return absl::FailedPreconditionError(
        "what listens there is no server of this kind; stop it, or choose "
        "another path");
  }
  const int version = static_cast<uint8_t>(bytes[3]);
  TakeoverAnswer answer;
  answer.verdict = static_cast<TakeoverVerdict>(bytes[4]);
  answer.descriptors =
      static_cast<uint8_t>(bytes[6]) * 256u + static_cast<uint8_t>(bytes[7]);
  if (answer.verdict == TakeoverVerdict::kWrongUser) {
    return absl::PermissionDeniedError(
        "the running process hands over to its own user and root only; start "
        "this one as its user");
  }
  if (version != kTakeoverVersion ||
      answer.verdict != TakeoverVerdict::kTaken || answer.descriptors == 0 ||
      answer.descriptors > kMaxTakeoverDescriptors) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the running process speaks version ", version,
        " of the takeover and this one ", static_cast<int>(kTakeoverVersion),
        "; stop that one first"));
  }
  return answer;
}

}  // namespace rondo
