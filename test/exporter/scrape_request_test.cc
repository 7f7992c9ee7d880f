#include "exporter/scrape_request.h"

#include <gtest/gtest.h>

namespace headroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

HttpRequest With(std::string name, std::string value) {
  HttpRequest request;
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

Duration BudgetFor(std::string header) {
  return ScrapeBudget(With("x-prometheus-scrape-timeout-seconds", std::move(header)));
}

TEST(ScrapeBudget, IsKedasWithoutAHeader) {
  EXPECT_EQ(ScrapeBudget(HttpRequest{}), milliseconds(2500));
}

TEST(ScrapeBudget, StaysBelowWhatPrometheusWaits) {
  EXPECT_EQ(BudgetFor("10"), milliseconds(9750));
  EXPECT_EQ(BudgetFor("1.5"), milliseconds(1250));
}

TEST(ScrapeBudget, TakesHalfOfAVeryShortTimeout) { EXPECT_EQ(BudgetFor("0.4"), milliseconds(200)); }

TEST(ScrapeBudget, IsAtMostAMinute) { EXPECT_EQ(BudgetFor("1e9"), seconds(60)); }

TEST(ScrapeBudget, IgnoresWhatIsNotAPositiveNumber) {
  for (const char* bad : {"", "abc", "10s", "-3", "0", "nan", "inf", "0x10", "1,5"}) {
    EXPECT_EQ(BudgetFor(bad), milliseconds(2500)) << bad;
  }
}

TEST(RequestedNames, KeepsEveryCollectInOrder) {
  HttpRequest request;
  request.query = {{"collect[]", "b"}, {"other", "x"}, {"collect[]", "a"}};
  EXPECT_EQ(RequestedNames(request), (std::vector<std::string>{"b", "a"}));
}

TEST(AcceptsGzip, ReadsWeights) {
  EXPECT_TRUE(AcceptsGzip(With("accept-encoding", "gzip")));
  EXPECT_TRUE(AcceptsGzip(With("accept-encoding", "deflate, gzip;q=0.5")));
  EXPECT_TRUE(AcceptsGzip(With("accept-encoding", "*")));
  EXPECT_FALSE(AcceptsGzip(With("accept-encoding", "gzip;q=0")));
  EXPECT_FALSE(AcceptsGzip(With("accept-encoding", "gzip; q=0, *")));
  EXPECT_FALSE(AcceptsGzip(With("accept-encoding", "identity")));
  EXPECT_FALSE(AcceptsGzip(With("accept-encoding", "gzip;q=x")));
  EXPECT_FALSE(AcceptsGzip(HttpRequest{}));
}

}  // namespace
}  // namespace headroom
