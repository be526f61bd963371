#include "net/http/response_writer.h"

#include <utility>

#include "net/http/answer_queue.h"
#include "net/http/exchange.h"
#include "net/http/http_connection.h"
#include "net/http/http_loop.h"
#include "net/http/trailer_fields.h"

namespace rondo {

bool ResponseWriter::AddField(std::string_view name, std::string_view value) {
  switch (exchange_->stage) {
    case Exchange::Stage::kFresh:
      return exchange_->fields.Add(name, value);
    case Exchange::Stage::kStreaming:
      return exchange_->chunked && MayBeTrailer(name) &&
             exchange_->fields.Add(name, value);
    case Exchange::Stage::kAnswered:
      return false;
  }
  return false;
}

absl::Time ResponseWriter::date() const {
  return connection_->loop().date_time();
}

void ResponseWriter::LogUser(std::string_view user) {
  if (connection_->loop().logs()) exchange_->logged.SetUser(user);
}

void ResponseWriter::CloseAfter() { exchange_->keep_alive = false; }

void ResponseWriter::Send(HttpStatus status, std::string_view body,
                          std::string_view content_type) {
  connection_->answers().Send(*exchange_, status, body, content_type);
}

void ResponseWriter::Send(HttpResponse response) {
  connection_->answers().Send(*exchange_, std::move(response));
}

void ResponseWriter::SendError(HttpStatus status, const char* reason) {
  connection_->answers().SendError(*exchange_, {status, reason});
}

void ResponseWriter::Begin(HttpStatus status, std::string_view content_type,
                           std::optional<uint64_t> length) {
  connection_->answers().Begin(*exchange_, status, content_type, length);
}

bool ResponseWriter::Write(std::string_view piece) {
  return connection_->answers().Write(*exchange_, piece);
}

bool ResponseWriter::WriteFile(std::shared_ptr<const UniqueFd> file,
                               uint64_t offset, size_t bytes) {
  return connection_->answers().WriteFile(*exchange_, std::move(file), offset,
                                          bytes);
}

void ResponseWriter::End() { connection_->answers().End(*exchange_); }

bool ResponseWriter::has_turn() const {
  return connection_->answers().IsFirst(*exchange_);
}

bool ResponseWriter::is_sated() const {
  return connection_->answers().IsSated(*exchange_);
}

size_t ResponseWriter::room_bytes() const {
  return connection_->answers().RoomBytes(*exchange_);
}

void ResponseWriter::OnRoom(absl::AnyInvocable<void(ResponseWriter&)> on_room) {
  exchange_->on_room = std::move(on_room);
}

void ResponseWriter::ReadBody(BodyReader reader) {
  connection_->ReadBody(*exchange_, std::move(reader));
}

void ResponseWriter::PauseBody() { connection_->PauseBody(*exchange_); }
void ResponseWriter::ResumeBody() { connection_->ResumeBody(*exchange_); }

DeferredResponse ResponseWriter::Defer() {
  return connection_->Defer(*exchange_);
}

}  // namespace rondo
