#include <gtest/gtest.h>

#include <string_view>

#include "net/http/files/file_handler.h"

namespace rondo {
namespace {

TEST(FileHandlerDeathTest, RefusesWhatIsNoPlace) {
  for (const std::string_view place : {"/", "files", "/files/"}) {
    EXPECT_DEATH(FileHandler(nullptr, place), "cannot have their place");
  }
}

}  // namespace
}  // namespace rondo
