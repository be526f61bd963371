#ifndef RONDO_TESTS_NET_HTTP_CHUNKED_CASES_H_
#define RONDO_TESTS_NET_HTTP_CHUNKED_CASES_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_status.h"

namespace rondo {

using TrailerList = std::vector<std::pair<std::string, std::string>>;

struct ChunkedResult {
  std::string data = {};  // also what came before a refusal
  HttpStatus refused = HttpStatus::kOk;
  size_t consumed = 0;  // of a complete body
  TrailerList trailers = {};

  friend bool operator==(const ChunkedResult&, const ChunkedResult&) = default;

  friend std::ostream& operator<<(std::ostream& out, const ChunkedResult& r) {
    out << "'" << r.data << "' refused=" << static_cast<int>(r.refused)
        << " consumed=" << r.consumed;
    for (const auto& [name, value] : r.trailers) {
      out << "\n" << name << ": " << value << "|";
    }
    return out;
  }
};

// A body, whole or up to where it is refused, and what must come out.
struct ChunkedCase {
  std::string name;        // begins with the section it is written from
  std::string_view input;  // a literal
  ChunkedResult expected;

  friend std::ostream& operator<<(std::ostream& out, const ChunkedCase& c) {
    return out << c.name;
  }
};

ChunkedCase CompleteChunks(std::string name, std::string_view input,
                           std::string data, TrailerList trailers = {});

// With 400, after that data.
ChunkedCase RefusedChunks(std::string name, std::string_view input,
                          std::string data = "");

std::vector<ChunkedCase> ChunkSizeCases();
std::vector<ChunkedCase> ChunkExtensionCases();
std::vector<ChunkedCase> TrailerCases();

// All of them.
std::vector<ChunkedCase> ChunkedCases();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_CHUNKED_CASES_H_
