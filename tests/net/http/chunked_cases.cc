#include "tests/net/http/chunked_cases.h"

#include <iterator>

namespace rondo {

ChunkedCase CompleteChunks(std::string name, std::string_view input,
                           std::string data, TrailerList trailers) {
  return {std::move(name),
          input,
          {.data = std::move(data),
           .consumed = input.size(),
           .trailers = std::move(trailers)}};
}

ChunkedCase RefusedChunks(std::string name, std::string_view input,
                          std::string data) {
  return {std::move(name),
          input,
          {.data = std::move(data), .refused = HttpStatus::kBadRequest}};
}

std::vector<ChunkedCase> ChunkedCases() {
  std::vector<ChunkedCase> all;
  for (const auto make : {ChunkSizeCases, ChunkExtensionCases, TrailerCases}) {
    std::vector<ChunkedCase> some = make();
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace rondo
