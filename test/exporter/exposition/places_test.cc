#include "exporter/exposition/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace headroom {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

Places::Candidate Queue(std::string_view key, std::uint64_t backlog, std::size_t series = 1) {
  return {key, series, backlog, backlog == 0};
}

class PlacesTest : public testing::Test {
 protected:
  // The keys that have a place.
  std::vector<std::string> Assign(Places& places, std::vector<Places::Candidate> candidates) {
    const std::vector<bool> has_place = places.Assign(candidates, now_);
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (has_place[i]) kept.emplace_back(candidates[i].key);
    }
    return kept;
  }

  SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(PlacesTest, EverybodyStaysWhileThereIsRoom) {
  Places places(3);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 9), Queue("c", 1)}),
              ElementsAre("a", "b", "c"));
}

TEST_F(PlacesTest, FirstDiscoveryPrefersTheLargestBacklog) {
  Places places(2);
  EXPECT_THAT(Assign(places, {Queue("a", 5), Queue("b", 1), Queue("c", 9)}), ElementsAre("a", "c"));
}

TEST_F(PlacesTest, EqualBacklogsAreCutTheSameWayEachTime) {
  Places one(1);
  Places other(1);
  EXPECT_THAT(Assign(one, {Queue("a", 5), Queue("b", 5)}), ElementsAre("a"));
  EXPECT_THAT(Assign(other, {Queue("b", 5), Queue("a", 5)}), ElementsAre("a"));
}

TEST_F(PlacesTest, AQueueIsKeptWholeOrNotAtAll) {
  Places places(5);
  EXPECT_THAT(Assign(places, {Queue("a", 9, 3), Queue("b", 8, 3), Queue("c", 7, 2)}),
              ElementsAre("a", "c"));
}

TEST_F(PlacesTest, NoRoomAtAllMeansNobody) {
  Places places(0);
  EXPECT_THAT(Assign(places, {Queue("a", 9)}), ElementsAre());
}

TEST_F(PlacesTest, HoldersStayHoweverLargeANewcomerIs) {
  Places places(1);
  EXPECT_THAT(Assign(places, {Queue("a", 1)}), ElementsAre("a"));
  now_ += minutes(60);
  EXPECT_THAT(Assign(places, {Queue("a", 1), Queue("big", 1'000'000)}), ElementsAre("a"));
}

TEST_F(PlacesTest, ANewcomerWithWorkTakesThePlaceOfAQueueEmptyForFiveMinutes) {
  Places places(1);
  Assign(places, {Queue("a", 0), Queue("b", 0)});
  now_ += minutes(5) - seconds(1);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 7)}), ElementsAre("a"));
  now_ += seconds(1);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 7)}), ElementsAre("b"));
}

TEST_F(PlacesTest, ABurstOfWorkStartsTheFiveMinutesAnew) {
  Places places(1);
  Assign(places, {Queue("a", 0)});
  now_ += minutes(4);
  Assign(places, {Queue("a", 1)});
  now_ += minutes(1);
  Assign(places, {Queue("a", 0)});
  now_ += minutes(4);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 7)}), ElementsAre("a"));
}

TEST_F(PlacesTest, AnEmptyNewcomerDisplacesNobody) {
  Places places(1);
  Assign(places, {Queue("a", 0)});
  now_ += minutes(60);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 0)}), ElementsAre("a"));
}

TEST_F(PlacesTest, AnUnknownHolderIsNotTakenForEmpty) {
  Places places(1);
  Assign(places, {Queue("a", 5)});
  const Places::Candidate unknown{"a", 0, 0, false};
  Assign(places, {unknown});
  now_ += minutes(10);
  EXPECT_THAT(Assign(places, {unknown, Queue("b", 7)}), ElementsAre("a"));
}

TEST_F(PlacesTest, AHolderThatIsUnknownForARunFindsItsRoomAgain) {
  Places places(3);
  Assign(places, {Queue("a", 5, 3)});
  EXPECT_THAT(Assign(places, {{"a", 0, 0, false}, Queue("b", 7, 2)}), ElementsAre("a"));
  EXPECT_THAT(Assign(places, {Queue("a", 5, 3), Queue("b", 7, 2)}), ElementsAre("a"));
}

TEST_F(PlacesTest, AHolderThatIsGoneIsForgottenAfterFiveMinutes) {
  Places places(1);
  Assign(places, {Queue("a", 5)});
  now_ += minutes(5) - seconds(1);
  EXPECT_THAT(Assign(places, {Queue("b", 0)}), ElementsAre());
  now_ += seconds(1);
  EXPECT_THAT(Assign(places, {Queue("b", 0)}), ElementsAre("b"));
}

TEST_F(PlacesTest, TheLongestIdleLeaveFirstAndOnlyAsManyAsNeeded) {
  Places places(3);
  Assign(places, {Queue("a", 1), Queue("b", 0), Queue("c", 1)});
  now_ += minutes(1);
  Assign(places, {Queue("a", 0), Queue("b", 0), Queue("c", 0)});
  now_ += minutes(6);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 0), Queue("c", 0), Queue("new", 3, 2)}),
              ElementsAre("c", "new"));
}

TEST_F(PlacesTest, NobodyLeavesForANewcomerThatWouldNotFitEvenSo) {
  Places places(2);
  Assign(places, {Queue("a", 0), Queue("b", 4)});
  now_ += minutes(6);
  EXPECT_THAT(Assign(places, {Queue("a", 0), Queue("b", 4), Queue("wide", 9, 2)}),
              ElementsAre("a", "b"));
}

TEST_F(PlacesTest, HoldersThatGrowBeyondTheLimitLoseTheSmallestBacklog) {
  Places places(4);
  Assign(places, {Queue("a", 5, 2), Queue("b", 3, 2)});
  EXPECT_THAT(Assign(places, {Queue("a", 5, 3), Queue("b", 3, 2)}), ElementsAre("a"));
}

TEST_F(PlacesTest, ChurnNeverExceedsTheLimitNorMovesAHolderWithWork) {
  constexpr std::size_t kLimit = 20;
  Places places(kLimit);
  std::mt19937 random(7);  // NOLINT: the same run each time
  std::set<std::string> busy_holders;
  for (int run = 0; run < 500; ++run) {
    now_ += seconds(30);
    std::vector<std::string> names;
    for (int i = 0; i < 60; ++i) {
      if (random() % 4 != 0) names.push_back("q" + std::to_string(i));
    }
    std::vector<Places::Candidate> candidates;
    for (const std::string& name : names) candidates.push_back(Queue(name, random() % 3, 2));
    const std::vector<bool> kept = places.Assign(candidates, now_);
    std::size_t series = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::string key(candidates[i].key);
      if (kept[i]) series += candidates[i].series;
      EXPECT_TRUE(kept[i] || busy_holders.count(key) == 0) << key << " in run " << run;
      busy_holders.erase(key);
      if (kept[i] && candidates[i].backlog > 0) busy_holders.insert(key);
    }
    EXPECT_LE(series, kLimit);
  }
}

}  // namespace
}  // namespace headroom
