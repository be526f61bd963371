#include "tests/net/http/fuzz/corpus.h"

#include <glog/logging.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/escaping.h"

namespace rondo {

std::vector<CorpusInput> ParseCorpus(std::string_view text) {
  std::vector<CorpusInput> corpus;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line.front() == '#') continue;
    const size_t space = line.find(' ');
    CHECK_NE(space, std::string::npos) << "no space in: " << line;
    CorpusInput& input = corpus.emplace_back();
    input.name = line.substr(0, space);
    CHECK(absl::CUnescape(line.substr(space + 1), &input.bytes))
        << "cannot be unescaped: " << line;
  }
  return corpus;
}

std::string CorpusLine(const CorpusInput& input) {
  return input.name + " " + absl::CHexEscape(input.bytes);
}

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  PCHECK(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace rondo
