#ifndef RONDO_NET_HTTP_MESSAGE_FRAMING_H_
#define RONDO_NET_HTTP_MESSAGE_FRAMING_H_

#include <cstdint>
#include <optional>

#include "net/http/http_error.h"
#include "net/http/request_head.h"

namespace rondo {

// Collects what a request's fields say of its connection and its body, and
// decides when all are there.
//
// Threading: one thread at a time. Lifetime: as of the fields.
// Reference: RFC 9112 §3.2 (Host), §6 (body), §9.3 (persistence); RFC 9110
// §8.6 (Content-Length), §10.1.1 (Expect).
class MessageFraming {
 public:
  // Looks at the next field. False if it cannot be, whatever else comes.
  bool Add(const HttpField& field, HttpError& error);

  // Sets what follows from all fields, of a head that has its target and its
  // version. False if they do not go together.
  bool Finish(RequestHead& head, HttpError& error) const;

 private:
  bool AddHost(const HttpField& field, HttpError& error);
  bool AddContentLength(const HttpField& field, HttpError& error);
  bool AddTransferEncoding(const HttpField& field, HttpError& error);
  void AddExpect(const HttpField& field);
  void AddConnection(const HttpField& field);
  bool CheckHost(RequestHead& head, HttpError& error) const;
  bool CheckBody(RequestHead& head, HttpError& error) const;

  std::optional<std::string_view> host_;
  std::optional<uint64_t> content_length_;
  bool has_transfer_encoding_ = false;
  bool chunked_ = false;  // by the last coding until now
  bool unknown_coding_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  bool expects_else_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_MESSAGE_FRAMING_H_
