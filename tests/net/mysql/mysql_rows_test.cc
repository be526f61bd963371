// What rows cost: before one is copied, and while none is.
#include "net/mysql/mysql_rows.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "net/mysql/mysql_connection.h"
#include "net/mysql/mysql_handle.h"
#include "tests/net/mysql/mysql_fixture.h"

namespace rondo {
namespace {

class MySqlRowsTest : public MySqlFixture {
 protected:
  MySqlRowsTest() : options_((StartServer(), OptionsFor(server()))) {}

  const MySqlOptions options_;
};

TEST_F(MySqlRowsTest, ARowThatIsTooLargeIsNotCopied) {
  MySqlHandle handle(MySqlHandle::Use::kBlocking, options_);
  const MySqlTarget target(options_.server);
  ASSERT_NE(mysql_real_connect(handle.get(), nullptr, options_.user.c_str(),
                               options_.password.c_str(), nullptr, 0,
                               target.path_or_null(), 0),
            nullptr);
  ASSERT_EQ(mysql_query(handle.get(), "SELECT REPEAT('x', 1000), NULL"), 0);
  const MySqlRows rows(handle);
  MySqlResult result;
  rows.ReadHead(result);
  const MYSQL_ROW row = mysql_fetch_row(rows.get());
  const size_t head = result.bytes();
  EXPECT_EQ(rows.LastRowBytes(), 1000 + 2 * MySqlResult::kCellBytes);
  const size_t whole = head + rows.LastRowBytes();
  EXPECT_FALSE(rows.ReadRow(row, whole - 1, result));
  EXPECT_EQ(result.bytes(), head);
  EXPECT_EQ(result.rows(), 0u);
  EXPECT_TRUE(rows.ReadRow(row, whole, result));
  EXPECT_EQ(result.bytes(), whole);
  EXPECT_EQ(mysql_fetch_row(rows.get()), nullptr);
}

// Of 20 megabytes, of which none is kept.
TEST_F(MySqlRowsTest, RowsThatAreDroppedLetOthersHaveTheirTurn) {
  Tell(
      "CREATE PROCEDURE p() BEGIN SELECT 1; "
      "SELECT REPEAT('x', 1000) FROM seq_1_to_20000; END");
  std::unique_ptr<MySqlConnection> connection;
  absl::StatusOr<MySqlResult> answer = absl::UnknownError("none yet");
  bool answered = false;
  On([&] {
    connection = std::make_unique<MySqlConnection>(
        thread_->loop(), &options_,
        MySqlConnectionCallbacks{.on_connect =
                                     [&](const absl::Status& status) {
                                       ASSERT_TRUE(status.ok()) << status;
                                       connection->Query("CALL p()");
                                     },
                                 .on_answer =
                                     [&](absl::StatusOr<MySqlResult> result) {
                                       answer = std::move(result);
                                       answered = true;
                                     },
                                 .on_lost = [] {}});
    connection->Connect(0);
  });
  Await([&] { return answered; });
  On([&] {
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_GE(connection->pauses(), 18u);
    connection.reset();
  });
}

}  // namespace
}  // namespace rondo
