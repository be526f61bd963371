#ifndef RONDO_TESTS_NET_HTTP_FUZZ_CORPUS_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_CORPUS_H_

#include <string>
#include <string_view>
#include <vector>

namespace rondo {

// An input of a fuzz target.
struct CorpusInput {
  std::string name;
  std::string bytes;
};

// A corpus is a text: an input a line, its name, a space, and its bytes as in a
// C string. Lines that begin with '#' are comments. A line that is malformed is
// a bug.
std::vector<CorpusInput> ParseCorpus(std::string_view text);

// One line, without its end.
std::string CorpusLine(const CorpusInput& input);

// The file's content. One that cannot be read is a bug.
std::string ReadWholeFile(const std::string& path);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_CORPUS_H_
