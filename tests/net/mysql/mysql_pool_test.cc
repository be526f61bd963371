// What a pool's queries bring, from a real server.
#include "net/mysql/mysql_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "net/mysql/bind_sql.h"
#include "net/mysql/mysql_error.h"
#include "tests/net/mysql/mysql_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr char kUnicode[] = "Grüße, 世界 🚀";

class MySqlPoolTest : public MySqlFixture {
 protected:
  MySqlPoolTest() {
    StartServer();
    MakePool();
  }
};

TEST_F(MySqlPoolTest, SelectOneOverAUnixSocket) {
  const auto result = Query("SELECT 1");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rows(), 1u);
  EXPECT_EQ(result->Int(0, 0), 1);
  AwaitState("1 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_EQ(Counts().answered, 1u);
}

// --- Rows. -------------------------------------------------------------------

TEST_F(MySqlPoolTest, ColumnsHaveNamesAndTypes) {
  const auto r = Query(
      "SELECT -7 AS small, 18446744073709551615 AS big, 2.5 AS real_one, "
      "'text' AS words, NULL AS nothing, '' AS empty");
  ASSERT_TRUE(r.ok()) << r.status();
  ASSERT_EQ(r->columns(), 6u);
  EXPECT_EQ(r->column_name(1), "big");
  EXPECT_THAT(r->FindColumn("words"), Optional(3));
  EXPECT_EQ(r->FindColumn("none"), std::nullopt);
  EXPECT_EQ(r->Int(0, 0), -7);
  EXPECT_EQ(r->Int(0, 1), std::nullopt);
  EXPECT_EQ(r->Unsigned(0, 1), 18446744073709551615u);
  EXPECT_EQ(r->Double(0, 2), 2.5);
  EXPECT_EQ(r->Text(0, 3), "text");
  EXPECT_EQ(r->Int(0, 3), std::nullopt);
  EXPECT_TRUE(r->IsNull(0, 4));
  EXPECT_EQ(r->Text(0, 4), std::nullopt);
  EXPECT_FALSE(r->IsNull(0, 5));
  EXPECT_EQ(r->Text(0, 5), "");
}

TEST_F(MySqlPoolTest, AnEmptyResultHasColumnsAndNoRows) {
  const auto result = Query("SELECT 1 AS one FROM DUAL WHERE 1 = 0");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rows(), 0u);
  EXPECT_EQ(result->column_name(0), "one");
}

TEST_F(MySqlPoolTest, ManyRowsComeInOrder) {
  const auto result = Query("SELECT seq, seq * 2 FROM seq_1_to_1000");
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->rows(), 1000u);
  for (size_t row = 0; row < 1000; ++row) {
    EXPECT_EQ(result->Int(row, 0), row + 1);
    EXPECT_EQ(result->Int(row, 1), 2 * (row + 1));
  }
}

TEST_F(MySqlPoolTest, WarningsOfRowsAreCounted) {
  const auto rows = Query("SELECT CAST('x' AS INT) FROM seq_1_to_5");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->warnings(), 5u);
  EXPECT_EQ(Query("DROP TABLE IF EXISTS none")->warnings(), 1u);
  EXPECT_EQ(Query("SELECT 1")->warnings(), 0u);
}

TEST_F(MySqlPoolTest, UnicodeComesBackAsItWent) {
  const auto sql = BindSql("SELECT ?, CHAR_LENGTH(?)", {kUnicode, "🚀"});
  const auto result = Query(*sql);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Text(0, 0), kUnicode);
  EXPECT_EQ(result->Int(0, 1), 1);
}

TEST_F(MySqlPoolTest, OneCellOfSeveralMegabytesComesWhole) {
  const auto result = Query("SELECT REPEAT('abcdefgh', 1000000)");
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string_view text = *result->Text(0, 0);
  EXPECT_EQ(text.size(), 8'000'000u);
  EXPECT_EQ(text.substr(text.size() - 8), "abcdefgh");
}

// Of more than is read in one turn, so that others are served in between.
TEST_F(MySqlPoolTest, ManyRowsOfSeveralMegabytesComeWhole) {
  Asked& large =
      Ask("SELECT seq, REPEAT(CHAR(97 + seq % 26), 1000) FROM seq_1_to_20000");
  EXPECT_EQ(Query("SELECT 5")->Int(0, 0), 5);
  const auto result = AwaitAnswer(large);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->rows(), 20'000u);
  for (size_t row = 0; row < result->rows(); row += 777) {
    EXPECT_EQ(result->Int(row, 0), row + 1);
    const std::string expected(1000, static_cast<char>('a' + (row + 1) % 26));
    EXPECT_EQ(result->Text(row, 1), expected);
  }
}

TEST_F(MySqlPoolTest, AQueryOfSeveralMegabytesIsSentWhole) {
  const std::string text(5'000'000, 'x');
  const auto result = Query(absl::StrCat("SELECT LENGTH('", text, "')"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Int(0, 0), 5'000'000);
}

TEST_F(MySqlPoolTest, AResultAboveItsLimitEndsTheConnection) {
  DestroyPool();
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.max_result_bytes = 100'000;
  MakePool(options);
  // The server would not come to its end while the rest was read.
  const auto result = Query(
      "SELECT IF(seq = 2000, SLEEP(1000), REPEAT('x', 1000)) "
      "FROM seq_1_to_3000");
  EXPECT_TRUE(absl::IsResourceExhausted(result.status())) << result.status();
  EXPECT_THAT(result.status().message(), HasSubstr("max_result_bytes"));
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 2u);
  EXPECT_EQ(Counts().too_large, 1u);
}

// Before anybody but Connector/C has seen it.
TEST_F(MySqlPoolTest, ARowAboveItsLimitEndsTheConnection) {
  DestroyPool();
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.max_packet_bytes = 1'000'000;
  MakePool(options);
  EXPECT_TRUE(Query("SELECT REPEAT('x', 900000) FROM seq_1_to_3").ok());
  const auto result = Query("SELECT 1, REPEAT('x', 1000000)");
  EXPECT_TRUE(absl::IsResourceExhausted(result.status())) << result.status();
  EXPECT_THAT(result.status().message(),
              AllOf(HasSubstr(server().socket_path()),
                    HasSubstr("than 1000000, which is max_packet_bytes")));
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 2u);
  EXPECT_EQ(Counts().too_large, 1u);
}

// --- What queries do. --------------------------------------------------------

TEST_F(MySqlPoolTest, InsertsTellWhatTheyHaveDone) {
  ASSERT_TRUE(Query("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, "
                    "word VARCHAR(20) UNIQUE)")
                  .ok());
  const auto first = Query("INSERT INTO t (word) VALUES ('a'), ('b')");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->affected_rows(), 2u);
  EXPECT_EQ(first->last_insert_id(), 1u);
  EXPECT_EQ(first->columns(), 0u);
  const auto again = Query("INSERT INTO t (word) VALUES ('a')");
  EXPECT_TRUE(absl::IsAlreadyExists(again.status())) << again.status();
  EXPECT_EQ(Query("DELETE FROM t")->affected_rows(), 2u);
  EXPECT_TRUE(absl::IsNotFound(Query("SELECT * FROM u").status()));
}

TEST_F(MySqlPoolTest, ASyntaxErrorKeepsTheConnection) {
  const auto result = Query("SELEKT 1");
  EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(1064));
  EXPECT_THAT(result.status().message(),
              AllOf(HasSubstr("You have an error in your SQL syntax"),
                    HasSubstr(server().socket_path()), HasSubstr("SELEKT")));
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 1u);
  EXPECT_EQ(Counts().failed, 1u);
}

TEST_F(MySqlPoolTest, AnErrorBetweenRowsKeepsTheConnection) {
  const auto result = Query(
      "SELECT IF(seq < 3000, seq, (SELECT 1 UNION SELECT 2)) "
      "FROM seq_1_to_5000");
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(1242))
      << result.status();
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 1u);
}

TEST_F(MySqlPoolTest, SeveralStatementsInOneAreRefused) {
  EXPECT_FALSE(Query("SELECT 1; SELECT 2").ok());
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
}

TEST_F(MySqlPoolTest, OfAProceduresResultsTheFirstIsGiven) {
  ASSERT_TRUE(Query("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END").ok());
  EXPECT_EQ(Query("CALL p()")->Int(0, 0), 1);
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
  EXPECT_EQ(Counts().connected, 1u);
}

TEST_F(MySqlPoolTest, AProceduresLaterErrorIsTold) {
  ASSERT_TRUE(
      Query("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT * FROM none; END")
          .ok());
  EXPECT_TRUE(absl::IsNotFound(Query("CALL p()").status()));
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
  EXPECT_EQ(Counts().connected, 1u);
}

TEST_F(MySqlPoolTest, ATransactionThatIsLeftOpenIsRolledBack) {
  ASSERT_TRUE(Query("CREATE TABLE t (id INT)").ok());
  const auto begin = Query("BEGIN");
  EXPECT_TRUE(absl::IsFailedPrecondition(begin.status())) << begin.status();
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 2u);
}

// After an error the server does not say that there is one.
TEST_F(MySqlPoolTest, ATransactionThatAFailedProcedureLeavesIsRolledBack) {
  ASSERT_TRUE(Query("CREATE TABLE t (id INT)").ok());
  for (const char* failing :
       {"SELECT * FROM none", "SELECT 1; SELECT * FROM none",
        "SELECT IF(seq < 3000, seq, (SELECT 1 UNION SELECT 2)) "
        "FROM seq_1_to_5000"}) {
    ASSERT_TRUE(
        Query(absl::StrCat("CREATE OR REPLACE PROCEDURE p() BEGIN START "
                           "TRANSACTION; INSERT INTO t VALUES (1); ",
                           failing, "; END"))
            .ok());
    const auto failed = Query("CALL p()");
    EXPECT_FALSE(failed.ok());
    EXPECT_FALSE(absl::IsFailedPrecondition(failed.status()))
        << failed.status();
    EXPECT_EQ(Query("SELECT @@in_transaction")->Int(0, 0), 0) << failing;
    EXPECT_EQ(Tell("SELECT COUNT(*) FROM t").Int(0, 0), 0);
  }
  const auto next = Query("INSERT INTO t VALUES (2)");
  EXPECT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(Tell("SELECT COUNT(*) FROM t").Int(0, 0), 1);
  EXPECT_EQ(Counts().connected, 1u);
}

// --- Many. -------------------------------------------------------------------

TEST_F(MySqlPoolTest, TwoQueriesOnOneConnectionAreAnsweredInOrder) {
  DestroyPool();
  MakePool({.mysql = OptionsFor(server()), .max_connections = 1});
  std::string order;
  Asked& first = Ask("SELECT SLEEP(0), 'a'", {}, [&] { order += "a"; });
  Asked& second = Ask("SELECT 'b'", {}, [&] { order += "b"; });
  EXPECT_EQ(AwaitAnswer(second)->Text(0, 0), "b");
  EXPECT_EQ(AwaitAnswer(first)->Text(0, 1), "a");
  On([&] { EXPECT_EQ(order, "ab"); });
  EXPECT_EQ(Counts().connected, 1u);
}

TEST_F(MySqlPoolTest, AThousandQueriesEachGetTheirOwnAnswer) {
  std::vector<Asked*> asked;
  for (int i = 0; i < 1000; ++i) {
    asked.push_back(&Ask(absl::StrCat("SELECT ", i)));
  }
  for (int i = 0; i < 1000; ++i) {
    const auto result = AwaitAnswer(*asked[i]);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->Int(0, 0), i);
  }
  EXPECT_LE(Counts().connected, 8u);
}

}  // namespace
}  // namespace rondo
