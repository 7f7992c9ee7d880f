#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "collectors/libpq/table.h"

namespace headroom::pq {
namespace {

using ::testing::HasSubstr;

Table One(std::optional<std::string> cell) { return Table{{"n"}, {{std::move(cell)}}}; }

// What reading one cell as a Count fails with.
std::string CountError(std::optional<std::string> cell) {
  const Table table = One(std::move(cell));
  TableReader in(table, "SHOW POOLS");
  EXPECT_TRUE(in.Next());
  in.Count("n");
  return in.status().ok() ? "" : in.status().error().message;
}

TEST(PqTable, RowsAreReadByColumnNameInTheirOrder) {
  const Table table{{"name", "n", "x", "flag"}, {{"a", "1", "0.5", "t"}, {"b", "-2", "1e3", "0"}}};
  TableReader in(table, "q");
  ASSERT_TRUE(in.Next());
  EXPECT_EQ(in.Text("name"), "a");
  EXPECT_EQ(in.Count("n"), 1U);
  EXPECT_EQ(in.Number("x"), 0.5);
  EXPECT_TRUE(in.Flag("flag"));
  ASSERT_TRUE(in.Next());
  EXPECT_EQ(in.Integer("n"), -2);
  EXPECT_EQ(in.Number("x"), 1000.0);
  EXPECT_FALSE(in.Flag("flag"));
  EXPECT_FALSE(in.Next());
  EXPECT_TRUE(in.status().ok());
}

TEST(PqTable, FirstOfTwoColumnsOfOneNameCounts) {
  const Table table{{"a", "b", "a"}, {{"1", "2", "3"}}};
  EXPECT_EQ(table.Find("a"), 0U);
  EXPECT_EQ(table.Find("b"), 1U);
  EXPECT_EQ(table.Find("c"), std::nullopt);
}

TEST(PqTable, ColumnThatIsMissingOrNullIsUnknownWhereThatIsAllowed) {
  const Table table = One(std::nullopt);
  TableReader in(table, "q");
  ASSERT_TRUE(in.Next());
  for (const char* column : {"n", "missing"}) {
    EXPECT_EQ(in.TextOrNull(column), std::nullopt);
    EXPECT_EQ(in.CountOrNull(column), std::nullopt);
    EXPECT_EQ(in.IntegerOrNull(column), std::nullopt);
    EXPECT_EQ(in.NumberOrNull(column), std::nullopt);
    EXPECT_EQ(in.FlagOrNull(column), std::nullopt);
  }
  EXPECT_TRUE(in.status().ok());
  EXPECT_TRUE(in.Has("n"));
  EXPECT_FALSE(in.Has("missing"));
}

TEST(PqTable, RequiredCellThatIsMissingOrNullNamesQueryRowAndColumn) {
  EXPECT_EQ(CountError(std::nullopt), "SHOW POOLS: row 1: column \"n\" is NULL");
  const Table table{{"m"}, {{"1"}}};
  TableReader in(table, "SHOW LISTS");
  ASSERT_TRUE(in.Next());
  in.Count("n");
  ASSERT_FALSE(in.status().ok());
  EXPECT_EQ(in.status().error().kind, ErrorKind::kProtocol);
  EXPECT_EQ(in.status().error().message, "SHOW LISTS: row 1: column \"n\" is not in the reply");
}

TEST(PqTable, CountsAreWholeNumbersAndNothingElse) {
  EXPECT_EQ(CountError("18446744073709551615"), "");
  for (const char* bad : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "18446744073709551616", "a"}) {
    EXPECT_THAT(CountError(bad), HasSubstr("expected a whole number")) << bad;
  }
}

TEST(PqTable, NumbersAreFiniteAndWrittenWithADot) {
  for (const char* bad : {"", "NaN", "Infinity", "inf", "1,5", "1e999", "1.5s"}) {
    const Table table = One(bad);
    TableReader in(table, "q");
    ASSERT_TRUE(in.Next());
    EXPECT_EQ(in.NumberOrNull("n"), std::nullopt) << bad;
    EXPECT_FALSE(in.status().ok()) << bad;
  }
}

TEST(PqTable, FlagsAreThoseOfBothServersAndNothingElse) {
  for (const auto& [text, expected] : {std::pair{"t", true}, {"1", true}, {"f", false}}) {
    const Table table = One(text);
    TableReader in(table, "q");
    ASSERT_TRUE(in.Next());
    EXPECT_EQ(in.FlagOrNull("n"), expected);
  }
  const Table table = One("true");
  TableReader in(table, "q");
  ASSERT_TRUE(in.Next());
  in.Flag("n");
  EXPECT_FALSE(in.status().ok());
}

TEST(PqTable, FirstFaultEndsTheReadingAndIsTheOneThatIsTold) {
  const Table table{{"a", "b"}, {{"1", "x"}, {"2", "y"}}};
  TableReader in(table, "q");
  ASSERT_TRUE(in.Next());
  in.Count("b");
  in.Count("missing");
  EXPECT_EQ(in.CountOrNull("a"), std::nullopt);
  EXPECT_EQ(in.Text("a"), "");
  EXPECT_FALSE(in.Next());
  EXPECT_THAT(in.status().error().message, HasSubstr("row 1: column \"b\" is \"x\""));
}

TEST(PqTable, CallersRejectRowsWithTheirOwnWords) {
  const Table table{{"a"}, {{"1"}, {"2"}}};
  TableReader in(table, "q");
  ASSERT_TRUE(in.Next());
  ASSERT_TRUE(in.Next());
  in.Fail("a", "is twice there");
  EXPECT_EQ(in.status().error().message, "q: row 2: column \"a\" is twice there");
}

TEST(PqTable, NothingIsReadBeforeTheFirstRow) {
  const Table table = One("7");
  TableReader in(table, "q");
  EXPECT_EQ(in.CountOrNull("n"), std::nullopt);
  EXPECT_TRUE(in.status().ok());
}

}  // namespace
}  // namespace headroom::pq
