#ifndef RONDO_EXAMPLES_UPLOAD_SHA256_H_
#define RONDO_EXAMPLES_UPLOAD_SHA256_H_

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"

namespace rondo::examples {

// The SHA-256 of bytes that come piece by piece, by OpenSSL's libcrypto.
//
// Threading: one thread at a time.
class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void Add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }

  // In hexadecimal. Call it once, at the end.
  std::string Finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return absl::BytesToHexString({reinterpret_cast<char*>(digest), size});
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  const std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_SHA256_H_
