// A buffer beside a string to which the same is done, at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "net/tcp/buffer.h"

namespace rondo {
namespace {

class BufferModel {
 public:
  explicit BufferModel(uint32_t seed) : random_(seed) {}

  void Step() {
    switch (Random(0, 8)) {
      case 0:
      case 1:
        Append(Bytes(Random(0, 300)));
        break;
      case 2:
        Prepend(Bytes(Random(0, 30)));
        break;
      case 3:
      case 4:
        Take(Random(0, model_.size()));
        break;
      case 5:
        Commit(Bytes(Random(0, 100)));
        break;
      case 6:
        Rarely();
        break;
      case 7:
        Move();
        break;
      case 8:
        Truncate(Random(model_.size() / 2, model_.size()));
        break;
    }
    ASSERT_EQ(buffer_.view(), model_);
    ASSERT_EQ(buffer_.empty(), model_.empty());
    ASSERT_EQ(buffer_.prependable_bytes() + buffer_.readable_bytes() +
                  buffer_.writable_bytes(),
              buffer_.capacity_bytes());
  }

 private:
  size_t Random(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>(from, to)(random_);
  }

  std::string Bytes(size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  void Append(const std::string& bytes) {
    buffer_.Append(bytes);
    model_ += bytes;
  }
  void Prepend(const std::string& bytes) {
    buffer_.Prepend(bytes);
    model_ = bytes + model_;
  }
  void Take(size_t bytes) {
    ASSERT_EQ(buffer_.Take(bytes), model_.substr(0, bytes));
    model_.erase(0, bytes);
  }
  void Truncate(size_t bytes) {
    buffer_.Truncate(bytes);
    model_.resize(bytes);
  }
  void Commit(const std::string& bytes) {
    buffer_.EnsureWritable(bytes.size());
    std::copy(bytes.begin(), bytes.end(), buffer_.write_begin());
    buffer_.Commit(bytes.size());
    model_ += bytes;
  }
  void Rarely() {
    switch (Random(0, 9)) {
      case 0:
        buffer_.Clear();
        model_.clear();
        break;
      case 1:
        buffer_.Release();
        model_.clear();
        break;
      default:
        buffer_.ShrinkToFit();
    }
  }
  void Move() {
    Buffer other(std::move(buffer_));
    buffer_ = std::move(other);
  }

  std::mt19937 random_;
  Buffer buffer_;
  std::string model_;
};

TEST(BufferModelTest, BehavesLikeAString) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  BufferModel model(seed);
  for (int i = 0; i < 50'000 && !HasFatalFailure(); ++i) model.Step();
}

}  // namespace
}  // namespace rondo
