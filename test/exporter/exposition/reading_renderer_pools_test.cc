// Workers and pools as they are written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "test/exporter/exposition/reading_fixture.h"

namespace headroom {
namespace {

using test::List;
using test::Render;
using testing::HasSubstr;

TEST(ReadingRenderer, WorkersAndPoolsDoNotCountAgainstMaxSeries) {
  Reading reading;
  reading.queues.push_back(List("a", 5));
  reading.worker_groups.push_back({"g", {{"idle", 1, {}, {}}}, {}});
  Pool pool;
  pool.name = "server";
  pool.max_connections = 100;
  reading.pools.push_back(pool);
  const std::string text = Render(reading, 2);
  EXPECT_THAT(text, HasSubstr("queue=\"a\""));
  EXPECT_THAT(text, HasSubstr("headroom_workers{"));
  EXPECT_THAT(text, HasSubstr("headroom_pool_max_connections{"));
}

TEST(ReadingRenderer, WorkersAreWrittenByStateAndStaleOnesApart) {
  Reading reading;
  reading.worker_groups.push_back(
      {"g", {{"working", 3, 1, 62.5}, {"idle", 0, 0, 0.0}, {"other", 2, {}, {}}}, 8.25});
  const std::string labels = "{target=\"main\",system=\"redis\",group=\"g\"";
  EXPECT_EQ(Render(reading),
            "headroom_workers" + labels + ",state=\"idle\"} 0\n" +                               //
                "headroom_workers" + labels + ",state=\"other\"} 2\n" +                          //
                "headroom_workers" + labels + ",state=\"working\"} 3\n" +                        //
                "headroom_workers_longest_in_state_seconds" + labels + ",state=\"idle\"} 0\n" +  //
                "headroom_workers_longest_in_state_seconds" + labels +
                ",state=\"working\"} 62.5\n"  //
                "headroom_workers_oldest_heartbeat_age_seconds" +
                labels + "} 8.25\n" +                                         //
                "headroom_workers_stale" + labels + ",state=\"idle\"} 0\n" +  //
                "headroom_workers_stale" + labels + ",state=\"working\"} 1\n");
}

TEST(ReadingRenderer, EveryNumberOfAPoolHasItsSeries) {
  const Pool pool{.scope = PoolScope::kPool,
                  .name = "app/web",
                  .database = "app",
                  .user = "web",
                  .connections = {{"idle", 1}, {"active", 2}},
                  .max_connections = 3,
                  .reserved_connections = 4,
                  .available_connections = 5,
                  .budget_connections = 6,
                  .waiting_clients = 7,
                  .oldest_wait_seconds = 8.5};
  Reading reading;
  reading.pools.push_back(pool);
  const std::string labels =
      "{target=\"main\",system=\"redis\",scope=\"pool\",pool=\"app/web\",database=\"app\","
      "user=\"web\"";
  EXPECT_EQ(Render(reading),
            "headroom_pool_available_connections" + labels + "} 5\n" +             //
                "headroom_pool_budget_connections" + labels + "} 6\n" +            //
                "headroom_pool_connections" + labels + ",state=\"active\"} 2\n" +  //
                "headroom_pool_connections" + labels + ",state=\"idle\"} 1\n" +    //
                "headroom_pool_max_connections" + labels + "} 3\n" +               //
                "headroom_pool_oldest_wait_seconds" + labels + "} 8.5\n" +         //
                "headroom_pool_reserved_connections" + labels + "} 4\n" +          //
                "headroom_pool_waiting_clients" + labels + "} 7\n");
}

TEST(ReadingRenderer, RepeatedGroupsPoolsAndStatesAreWrittenOnceTheFirstWins) {
  Reading reading;
  reading.worker_groups.push_back({"g", {{"idle", 1, {}, {}}, {"idle", 2, {}, {}}}, {}});
  reading.worker_groups.push_back({"g", {{"idle", 3, {}, {}}}, {}});
  Pool pool;
  pool.name = "server";
  pool.connections = {{"open", 4}, {"open", 5}};
  reading.pools.assign(2, pool);
  reading.pools[1].connections = {{"open", 6}};
  EXPECT_EQ(Render(reading),
            "headroom_workers{target=\"main\",system=\"redis\",group=\"g\",state=\"idle\"} 1\n"
            "headroom_pool_connections{target=\"main\",system=\"redis\",scope=\"server\","
            "pool=\"server\",state=\"open\"} 4\n");
}

}  // namespace
}  // namespace headroom
