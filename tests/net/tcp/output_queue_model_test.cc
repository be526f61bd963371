// A queue beside a string to which the same is done, at random.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "net/tcp/output_queue.h"
#include "tests/net/tcp/output_queue_contents.h"
#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

constexpr size_t kLarge = OutputQueue::kMinSliceBytes;  // a slice of its own

class OutputQueueModel {
 public:
  explicit OutputQueueModel(uint32_t seed) : random_(seed) {}

  void Step() {
    switch (Random(0, 8)) {
      case 0:
      case 1:
        queue_.Append(std::string_view(Add(Random(0, 200))));
        break;
      case 2:
        queue_.Append(std::string(Add(Random(0, 3 * kLarge))));
        break;
      case 3:
        queue_.Append(
            std::make_shared<const std::string>(Add(Random(0, 3 * kLarge))));
        break;
      case 4:
      case 5:
        Consume(Random(0, model_.size()));
        break;
      case 6:
        Consume(Random(0, 9) == 0 ? model_.size() : 0);
        break;
      case 7:
        MoveTo(Random(0, 2) == 0);
        break;
      case 8:
        AppendFile(Random(0, 300));
        break;
    }
    ASSERT_EQ(queue_.bytes(), model_.size());
    ASSERT_EQ(queue_.empty(), model_.empty());
    ASSERT_LE(queue_.memory_bytes(), queue_.bytes());
    ASSERT_TRUE(model_.starts_with(Front(queue_)));
    ASSERT_EQ(Front(queue_).empty(), model_.empty());
  }

 private:
  size_t Random(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>(from, to)(random_);
  }

  // Fresh bytes, which the model has already.
  std::string Add(size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    model_ += bytes;
    return bytes;
  }

  void AppendFile(size_t bytes) {
    const size_t offset = Random(0, file_contents_.size() - bytes);
    queue_.Append(OutputQueue::FilePiece{file_, offset, bytes});
    model_ += file_contents_.substr(offset, bytes);
  }

  void Consume(size_t bytes) {
    queue_.Consume(bytes);
    model_.erase(0, bytes);
  }

  void MoveTo(bool to_one_that_waits) {
    OutputQueue other;
    std::string waiting;
    if (to_one_that_waits) {
      waiting = "waiting";
      other.Append(std::string_view("sent and "));
      other.Append(std::string_view(waiting));
      other.Consume(9);
    }
    queue_.MoveTo(other);
    std::swap(queue_, other);
    model_ = waiting + model_;
  }

  std::mt19937 random_;
  const std::string file_contents_ = Pattern(10'000);
  const MemoryFile file_ = MakeFile(file_contents_);
  OutputQueue queue_;
  std::string model_;
};

TEST(OutputQueueModelTest, BehavesLikeAString) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  OutputQueueModel model(seed);
  for (int i = 0; i < 20'000 && !HasFatalFailure(); ++i) model.Step();
}

}  // namespace
}  // namespace rondo
