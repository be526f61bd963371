// The main() of a fuzz target without a fuzzer: runs what has been kept and
// what the ordinary tests' tables have. For the fuzzer it writes the same into
// a folder, and turns what that one found into lines to keep.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/net/http/fuzz/corpus.h"
#include "tests/net/http/fuzz/fuzz_target.h"

DEFINE_string(corpus, "", "the file with what has been kept");
DEFINE_string(write_to, "",
              "write each input into a file of this folder instead");
DEFINE_string(print, "",
              "print the files of this folder as lines of a corpus instead");

namespace rondo {
namespace {

void Write(const std::vector<CorpusInput>& inputs, const std::string& folder) {
  for (const CorpusInput& input : inputs) {
    std::ofstream file(folder + "/" + input.name, std::ios::binary);
    file << input.bytes;
    PCHECK(file.flush()) << folder << "/" << input.name;
  }
}

// Files that the fuzzer wrote are named by a hash of what is in them, behind a
// hyphen what is wrong with them.
void Print(const std::string& folder) {
  constexpr size_t kHashDigits = 8;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    const std::string name = entry.path().filename().string();
    const std::string hash = name.substr(name.find('-') + 1);
    std::cout << CorpusLine({.name = "Found_" + hash.substr(0, kHashDigits),
                             .bytes = ReadWholeFile(path)})
              << "\n";
  }
}

// The last line before a failure says which input it is of.
void Replay(const std::vector<CorpusInput>& inputs) {
  for (const CorpusInput& input : inputs) {
    std::cout << input.name << std::endl;
    // In memory of its own, so that a sanitizer sees who reads further.
    const std::vector<uint8_t> copy(input.bytes.begin(), input.bytes.end());
    CHECK_EQ(LLVMFuzzerTestOneInput(copy.data(), copy.size()), 0);
  }
}

}  // namespace
}  // namespace rondo

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  if (!FLAGS_print.empty()) {
    rondo::Print(FLAGS_print);
    return 0;
  }
  auto inputs = rondo::ParseCorpus(rondo::ReadWholeFile(FLAGS_corpus));
  for (auto& input : rondo::InputsFromCases()) {
    inputs.push_back(std::move(input));
  }
  CHECK(!inputs.empty());
  if (FLAGS_write_to.empty()) {
    rondo::Replay(inputs);
  } else {
    rondo::Write(inputs, FLAGS_write_to);
  }
  return 0;
}
