#include "exporter/status_pools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exporter/pool_join.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using test::PoolerReading;
using test::PoolerView;
using test::ServerView;
using test::ViewOf;
using testing::HasSubstr;
using testing::Not;

// What the page says of the first of the targets.
std::string Shown(std::vector<TargetView> targets) {
  JoinPools(targets, {});
  Html html;
  AppendPools(html, targets.front());
  return std::move(html).Take();
}

TEST(StatusPools, AvailableSaysWhichLimitBinds) {
  TargetView server = ServerView();
  Reading tight = test::ServerReading();
  tight.pools[1].max_connections = 24;
  EXPECT_THAT(
      Shown({PoolerView("a"), ViewOf("db", "postgresql", tight)}),
      HasSubstr("<td class=\"n\">7 <span class=\"dim\">by the server&#39;s database</span>"));
}

TEST(StatusPools, AvailableThatIsUnknownSaysWhatIs) {
  EXPECT_THAT(Shown({PoolerView("a"), ViewOf("db", "postgresql", std::nullopt)}),
              HasSubstr("&ndash; <span class=\"dim\">the server: unknown</span>"));
}

TEST(StatusPools, APromiseOfMoreThanThereIsStandsOut) {
  EXPECT_THAT(Shown({ServerView(), PoolerView("a"), PoolerView("b"), PoolerView("c")}),
              HasSubstr("<p><span class=\"down\">over-committed</span>: the poolers may open 360 "
                        "connections here; ordinary clients may have 197</p>"));
}

TEST(StatusPools, APromiseOfExactlyWhatThereIsDoesNot) {
  Reading reading = PoolerReading("db");
  reading.pools[1].max_connections = 197;
  const std::string page = Shown({ServerView(), ViewOf("a", "pgbouncer", reading, {"db"})});
  EXPECT_THAT(page, HasSubstr("<p>the poolers may open 197 connections here"));
  EXPECT_THAT(page, Not(HasSubstr("over-committed")));
}

TEST(StatusPools, TheOldestWaitIsShown) {
  Reading reading = PoolerReading("");
  reading.pools[0].waiting_clients = 7;
  reading.pools[0].oldest_wait_seconds = 1.25;
  EXPECT_THAT(Shown({ViewOf("a", "pgbouncer", reading)}),
              HasSubstr("<td class=\"n\">7</td><td class=\"n\">1.2 s</td>"));
}

TEST(StatusPools, OfManyPoolsThoseWithWaitingClientsComeFirstAndTheRestIsCounted) {
  Reading reading = PoolerReading("");
  const Pool pattern = reading.pools[0];
  for (int i = 0; i < 200; ++i) {
    reading.pools.push_back(pattern);
    reading.pools.back().name = "p" + std::to_string(i);
    reading.pools.back().connections[0].count = static_cast<std::uint64_t>(i % 12);
  }
  reading.pools.back().waiting_clients = 1;
  const std::string page = Shown({ViewOf("a", "pgbouncer", reading)});
  EXPECT_LT(page.find("<td>p199</td>"), page.find("<td>p11</td>"));  // waits; the fullest
  EXPECT_THAT(page, Not(HasSubstr("<td>p0</td>")));
  EXPECT_THAT(page, HasSubstr("and 101 more</p>"));
}

TEST(StatusPools, PoolsOfWhichTooLittleIsKnownToPutThemInOrderComeFirst) {
  Reading reading = PoolerReading("");
  Pool pattern = reading.pools[0];
  pattern.waiting_clients = 50;
  reading.pools.assign(120, pattern);
  reading.pools[117].name = "no wait";
  reading.pools[117].waiting_clients.reset();
  reading.pools[118].name = "no size";
  reading.pools[118].max_connections.reset();
  reading.pools[118].max_known = false;
  reading.pools[119].name = "no connections";
  reading.pools[119].connections.clear();
  const std::string page = Shown({ViewOf("a", "pgbouncer", reading)});
  EXPECT_LT(page.find("<td>no wait</td>"), page.find("<td>app/web</td>"));
  EXPECT_LT(page.find("<td>no size</td>"), page.find("<td>app/web</td>"));
  EXPECT_LT(page.find("<td>no connections</td>"), page.find("<td>app/web</td>"));
  EXPECT_THAT(page, HasSubstr("and 17 more</p>"));
}

TEST(StatusPools, UnknownPoolsThatAreNotShownAreCounted) {
  Reading reading = PoolerReading("");
  Pool unknown = reading.pools[0];
  reading.pools.assign(120, unknown);
  unknown.waiting_clients.reset();
  reading.pools.resize(230, unknown);
  EXPECT_THAT(Shown({ViewOf("a", "pgbouncer", reading)}),
              HasSubstr("and 30 more, 10 of them unknown</p>"));
}

TEST(StatusPools, NeitherNoLimitNorNoQueueOfClientsIsUnknown) {
  Reading reading = test::ServerReading();
  Pool unlimited = reading.pools[1];
  unlimited.max_connections.reset();
  reading.pools.assign(103, unlimited);
  EXPECT_THAT(Shown({ViewOf("db", "postgresql", reading)}), HasSubstr("and 3 more</p>"));
}

TEST(StatusPools, APoolOfWhichOnlyTheReasonIsKnownHasARow) {
  Reading reading = PoolerReading("");
  Pool& user = reading.pools.emplace_back();
  user.scope = PoolScope::kUser;
  user.name = "shadowed";
  user.max_known = false;
  user.max_unknown_because = "PgBouncer counts connections of its user under another one";
  EXPECT_THAT(Shown({ViewOf("a", "pgbouncer", reading)}),
              HasSubstr("<td>shadowed</td><td>user <span class=\"down\">unknown</span></td>"
                        "<td></td><td></td>"
                        "<td class=\"n\">&ndash;</td>"));
}

TEST(StatusPools, DatabasesAndUsersAreFoldedAway) {
  const std::string page = Shown({PoolerView("a")});
  EXPECT_LT(page.find("<td>app/web</td>"), page.find("<details><summary>databases and users: 2"));
  EXPECT_LT(page.find("<details>"), page.find("<td>database</td>"));
}

TEST(StatusPools, NamesAreEscaped) {
  Reading reading = PoolerReading("");
  for (Pool& pool : reading.pools) pool.name = "<b>\"&'";
  const std::string page = Shown({ViewOf("a", "pgbouncer", reading)});
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&quot;&amp;&#39;"));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
}

TEST(StatusPools, WithoutPoolsThereIsNothing) {
  EXPECT_EQ(Shown({ViewOf("a", "redis", Reading{})}), "");
}

}  // namespace
}  // namespace headroom
