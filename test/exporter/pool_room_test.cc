#include "exporter/pool_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <string>

#include "test/support/pooler.h"

namespace headroom {
namespace {

using test::PoolerReading;
using test::PoolIn;
using test::ServerReading;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

struct PoolAvailable : testing::Test {
  Available Of(bool server_answered = true) {
    const PoolIndex pooler_index(pooler.pools);
    const PoolIndex server_index(server.pools);
    return AvailableOf(PoolIn(pooler, PoolScope::kPool), pooler_index,
                       server_answered ? &server_index : nullptr);
  }
  Reading pooler = PoolerReading("db");
  Reading server = ServerReading();
};

TEST_F(PoolAvailable, IsWhatIsIdleAndUsedAndWhatTheTightestLimitLeaves) {
  const Available available = Of();
  EXPECT_EQ(available.connections, 2 + 1 + (20 - 8));
  EXPECT_THAT(available.bound_by, ElementsAre(PoolLimit::kPoolSize));
  EXPECT_EQ(available.unknown, std::nullopt);
}

struct Change {
  const char* what;
  std::function<void(Reading& pooler, Reading& server)> apply;
  PoolLimit limit;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.what; }

class EachLimit : public PoolAvailable, public testing::WithParamInterface<Change> {};

TEST_P(EachLimit, BindsWhenItLeavesTheLeast) {
  GetParam().apply(pooler, server);
  const Available available = Of();
  EXPECT_EQ(available.connections, 3 + 4);
  EXPECT_THAT(available.bound_by, ElementsAre(GetParam().limit));
}

INSTANTIATE_TEST_SUITE_P(
    LeavesFour, EachLimit,
    testing::Values(
        Change{"pool size", [](Reading& p, Reading&) { p.pools[0].max_connections = 12; },
               PoolLimit::kPoolSize},
        Change{"max_db_connections", [](Reading& p, Reading&) { p.pools[1].max_connections = 12; },
               PoolLimit::kPoolerDatabase},
        Change{"max_user_connections",
               [](Reading& p, Reading&) { p.pools[2].max_connections = 12; },
               PoolLimit::kPoolerUser},
        Change{"max_connections", [](Reading&, Reading& s) { s.pools[0].max_connections = 38; },
               PoolLimit::kServer},
        Change{"reserved", [](Reading&, Reading& s) { s.pools[0].reserved_connections = 165; },
               PoolLimit::kServer},
        Change{"our own sessions", [](Reading&, Reading& s) { s.pools[0].own_sessions = 163; },
               PoolLimit::kServer},
        Change{"datconnlimit", [](Reading&, Reading& s) { s.pools[1].max_connections = 24; },
               PoolLimit::kServerDatabase},
        Change{"rolconnlimit", [](Reading&, Reading& s) { s.pools[3].max_connections = 12; },
               PoolLimit::kServerRole}));

class EachUnknown : public PoolAvailable, public testing::WithParamInterface<Change> {};

TEST_P(EachUnknown, MakesItUnknown) {
  GetParam().apply(pooler, server);
  const Available available = Of();
  EXPECT_EQ(available.connections, std::nullopt);
  EXPECT_EQ(available.unknown, GetParam().limit);
  EXPECT_THAT(available.bound_by, IsEmpty());
}

void Forget(Pool& pool) {
  pool.max_connections.reset();
  pool.max_known = false;
}

// Without the rows of that scope, as when the part that fills them failed.
void Drop(Reading& reading, PoolScope scope) {
  std::erase_if(reading.pools, [scope](const Pool& pool) { return pool.scope == scope; });
}

INSTANTIATE_TEST_SUITE_P(
    Unknown, EachUnknown,
    testing::Values(
        Change{"pool size", [](Reading& p, Reading&) { Forget(p.pools[0]); }, PoolLimit::kPoolSize},
        Change{"no states", [](Reading& p, Reading&) { p.pools[0].connections.clear(); },
               PoolLimit::kPoolSize},
        Change{"no idle", [](Reading& p, Reading&) { p.pools[0].connections[1].state = "x"; },
               PoolLimit::kPoolSize},
        Change{"no used", [](Reading& p, Reading&) { p.pools[0].connections[2].state = "x"; },
               PoolLimit::kPoolSize},
        Change{"database's limit", [](Reading& p, Reading&) { Forget(p.pools[1]); },
               PoolLimit::kPoolerDatabase},
        Change{"database's use", [](Reading& p, Reading&) { p.pools[1].connections.clear(); },
               PoolLimit::kPoolerDatabase},
        Change{"database's row", [](Reading& p, Reading&) { p.pools[1].name = "other"; },
               PoolLimit::kPoolerDatabase},
        Change{"user's limit", [](Reading& p, Reading&) { Forget(p.pools[2]); },
               PoolLimit::kPoolerUser},
        Change{"user's use",
               [](Reading& p, Reading&) {
                 p.pools[2].max_connections = 50;
                 p.pools[2].connections.clear();
               },
               PoolLimit::kPoolerUser},
        Change{"user's row", [](Reading& p, Reading&) { p.pools[2].name = "other"; },
               PoolLimit::kPoolerUser},
        Change{"which server", [](Reading& p, Reading&) { p.pools[0].route->server_known = false; },
               PoolLimit::kServer},
        Change{"server's limit", [](Reading&, Reading& s) { Forget(s.pools[0]); },
               PoolLimit::kServer},
        Change{"server's use", [](Reading&, Reading& s) { s.pools[0].connections.clear(); },
               PoolLimit::kServer},
        Change{"reserved", [](Reading&, Reading& s) { s.pools[0].reserved_connections.reset(); },
               PoolLimit::kServer},
        Change{"server's row", [](Reading&, Reading& s) { Drop(s, PoolScope::kServer); },
               PoolLimit::kServer},
        Change{"its database", [](Reading& p, Reading&) { p.pools[0].route->database.clear(); },
               PoolLimit::kServerDatabase},
        Change{"datconnlimit", [](Reading&, Reading& s) { Forget(s.pools[1]); },
               PoolLimit::kServerDatabase},
        Change{"use of a database with a limit",
               [](Reading&, Reading& s) { s.pools[1].connections.clear(); },
               PoolLimit::kServerDatabase},
        Change{"the database is not listed",
               [](Reading&, Reading& s) { s.pools[1].name = "other"; }, PoolLimit::kServerDatabase},
        Change{"the role is not listed", [](Reading&, Reading& s) { s.pools[3].name = "other"; },
               PoolLimit::kServerRole},
        Change{"databases", [](Reading&, Reading& s) { Drop(s, PoolScope::kDatabase); },
               PoolLimit::kServerDatabase},
        Change{"rolconnlimit", [](Reading&, Reading& s) { Forget(s.pools[3]); },
               PoolLimit::kServerRole},
        Change{"roles", [](Reading&, Reading& s) { Drop(s, PoolScope::kUser); },
               PoolLimit::kServerRole}));

TEST_F(PoolAvailable, IsNothingWhileThePoolIsPaused) {
  pooler.pools[0].paused = true;
  const Available available = Of();
  EXPECT_EQ(available.connections, 0U);
  EXPECT_THAT(available.bound_by, ElementsAre(PoolLimit::kPause));
}

TEST_F(PoolAvailable, IsNothingWhileThePoolIsDisabled) {
  pooler.pools[0].disabled = true;
  pooler.pools[0].pause_known = false;
  const Available available = Of();
  EXPECT_EQ(available.connections, 0U);
  EXPECT_THAT(available.bound_by, ElementsAre(PoolLimit::kDisabled));
  EXPECT_EQ(Name(PoolLimit::kDisabled), "a disabled database");
}

TEST_F(PoolAvailable, IsUnknownWhileNobodyKnowsWhetherThePoolIsPaused) {
  pooler.pools[0].pause_known = false;
  const Available available = Of();
  EXPECT_EQ(available.connections, std::nullopt);
  EXPECT_THAT(available.bound_by, IsEmpty());
  EXPECT_EQ(available.unknown, PoolLimit::kPause);
}

TEST_F(PoolAvailable, IsNothingWhetherPausedOrNotWhenALimitLeavesNothing) {
  pooler.pools[0].pause_known = false;
  pooler.pools[0].connections = {{"active", 20}, {"idle", 0}, {"used", 0}};
  const Available available = Of();
  EXPECT_EQ(available.connections, 0U);
  EXPECT_THAT(available.bound_by, ElementsAre(PoolLimit::kPoolSize));
}

TEST_F(PoolAvailable, IsUnknownWhileTheServerIs) {
  const Available available = Of(false);
  EXPECT_EQ(available.connections, std::nullopt);
  EXPECT_EQ(available.unknown, PoolLimit::kServer);
}

TEST_F(PoolAvailable, WithoutAServerInTheConfigurationItsLimitsAreNotOnTheWay) {
  pooler.pools[0].route->server.clear();
  pooler.pools[0].max_connections = 1000;
  const Available available = Of(false);
  EXPECT_EQ(available.connections, 3 + (120 - 8));
  EXPECT_THAT(available.bound_by, ElementsAre(PoolLimit::kPoolerDatabase));
}

TEST_F(PoolAvailable, LimitsThatLeaveTheSameAreAllNamed) {
  server.pools[0].max_connections = 34;
  server.pools[3].max_connections = 8;
  pooler.pools[0].max_connections = 8;
  const Available available = Of();
  EXPECT_EQ(available.connections, 3);
  EXPECT_THAT(available.bound_by,
              ElementsAre(PoolLimit::kPoolSize, PoolLimit::kServer, PoolLimit::kServerRole));
}

TEST_F(PoolAvailable, APoolThatHasGrownIntoItsReserveStillHasItsIdleOnes) {
  pooler.pools[0].max_connections = 6;  // 8 are open
  EXPECT_EQ(Of().connections, 3);
}

TEST_F(PoolAvailable, AnExceededLimitTakesNothingFromWhatIsOpen) {
  server.pools[0].max_connections = 10;  // superusers are in the reserved ones; 30 are open
  EXPECT_EQ(Of().connections, 3);
  EXPECT_THAT(Of().bound_by, ElementsAre(PoolLimit::kServer));
}

TEST_F(PoolAvailable, AFullPoolHasNone) {
  pooler.pools[0].connections = {{"active", 20}, {"idle", 0}, {"used", 0}};
  EXPECT_EQ(Of().connections, 0);
}

TEST_F(PoolAvailable, WhatNothingLimitsHasNoNumber) {
  pooler.pools[0].route->server.clear();
  for (Pool& pool : pooler.pools) pool.max_connections.reset();
  EXPECT_EQ(Of().connections, std::nullopt);
  EXPECT_EQ(Of().unknown, std::nullopt);
}

// Against a sum and a minimum of wide signed numbers, with small numbers and absurd ones.
TEST_F(PoolAvailable, HoldsItsInvariantsForAnyNumbers) {
  std::mt19937_64 random(20260101);  // NOLINT(cert-msc51-cpp): the same numbers every time
  const auto some = [&random]() -> std::uint64_t {
    return random() % 50 == 0 ? kLargest - random() % 3 : random() % 40;
  };
  for (int round = 0; round < 20'000; ++round) {
    for (Reading* reading : {&pooler, &server}) {
      for (Pool& pool : reading->pools) {
        for (PoolConnections& c : pool.connections) c.count = some();
        if (pool.max_connections) pool.max_connections = some();
        pool.own_sessions = reading == &server ? random() % 3 : 0;
      }
    }
    server.pools[0].reserved_connections = random() % 5;
    const Available available = Of();
    ASSERT_TRUE(available.connections);
    const std::uint64_t open = SaturatingAdd(*ConnectionsIn(pooler.pools[0], "idle"),
                                             *ConnectionsIn(pooler.pools[0], "used"));
    ASSERT_GE(*available.connections, open);
    __extension__ using Wide = __int128;
    const auto room = [](const Pool& pool, Wide reserved) {
      Wide left = Wide(*pool.max_connections) - reserved - pool.own_sessions;
      for (const PoolConnections& c : pool.connections) left -= c.count;
      return left < 0 ? Wide(0) : left;
    };
    Wide least = room(pooler.pools[0], 0);
    least = std::min(least, room(pooler.pools[1], 0));
    least = std::min(least, room(server.pools[0], Wide(*server.pools[0].reserved_connections)));
    least = std::min(least, room(server.pools[1], 0));
    const Wide expected = std::min(Wide(kLargest), Wide(open) + least);
    ASSERT_TRUE(Wide(*available.connections) == expected) << "round " << round;
    const auto total = TotalConnections(pooler.pools[0]);
    ASSERT_LE(*available.connections, std::max(*pooler.pools[0].max_connections, *total));
  }
}

struct Promise : testing::Test {
  std::optional<std::uint64_t> Of() { return PromisedTo("db", PoolIndex(pooler.pools)); }
  Reading pooler = PoolerReading("db");
};

TEST_F(Promise, OfALimitedDatabaseIsItsLimit) { EXPECT_EQ(Of(), 120); }

TEST_F(Promise, OfAnUnlimitedDatabaseIsTheSizeOfItsPoolsWithTheirReserves) {
  pooler.pools[1].max_connections.reset();
  Pool second = pooler.pools[0];
  second.user = "batch";
  second.max_connections = 30;
  second.extra_connections = 0;
  pooler.pools.push_back(second);
  EXPECT_EQ(Of(), 20 + 5 + 30);
}

TEST_F(Promise, OfAnUnlimitedDatabaseWithoutPoolsIsThatOfOnePool) {
  pooler.pools[1].max_connections.reset();
  pooler.pools.erase(pooler.pools.begin());
  EXPECT_EQ(Of(), 25);
}

TEST_F(Promise, DatabasesOnOtherServersAreNotInIt) {
  Pool elsewhere = pooler.pools[1];
  elsewhere.name = elsewhere.database = "elsewhere";
  elsewhere.route->server = "db2";
  pooler.pools.push_back(elsewhere);
  elsewhere.name = elsewhere.database = "nowhere";
  elsewhere.route->server = "";
  pooler.pools.push_back(elsewhere);
  EXPECT_EQ(Of(), 120);
}

TEST_F(Promise, StopsAtTheLargestNumber) {
  Pool second = pooler.pools[1];
  second.name = second.database = "second";
  second.max_connections = kLargest - 5;
  pooler.pools.push_back(second);
  EXPECT_EQ(Of(), kLargest);
}

class PromiseUnknown : public Promise,
                       public testing::WithParamInterface<
                           std::pair<const char*, std::function<void(std::vector<Pool>& pools)>>> {
};

TEST_P(PromiseUnknown, HasNoNumber) {
  GetParam().second(pooler.pools);
  EXPECT_EQ(Of(), std::nullopt) << GetParam().first;
}

using Pools = std::vector<Pool>;
using Case = std::pair<const char*, std::function<void(Pools& pools)>>;

INSTANTIATE_TEST_SUITE_P(
    Unknown, PromiseUnknown,
    testing::Values(
        Case{"the database's limit", [](Pools& p) { Forget(p[1]); }},
        Case{"a pool's size", [](Pools& p) { p[1].max_connections.reset(), Forget(p[0]); }},
        Case{"a pool without limit",
             [](Pools& p) { p[1].max_connections.reset(), p[0].max_connections.reset(); }},
        Case{"a pool's reserve",
             [](Pools& p) { p[1].max_connections.reset(), p[0].extra_connections.reset(); }},
        Case{"which server", [](Pools& p) { p[1].route->server_known = false; }},
        Case{"how many processes", [](Pools& p) { p[1].promise_known = false; }},
        Case{"no route", [](Pools& p) { p[1].route.reset(); }},
        Case{"a pool of a database that is not listed", [](Pools& p) { p[0].database = "new"; }},
        Case{"no database at all", [](Pools& p) { p.clear(); }},
        Case{"the size of a database's first pool", [](Pools& p) {
               p[1].max_connections.reset(), p[1].new_pool_connections.reset();
               p.erase(p.begin());
             }}));

}  // namespace
}  // namespace headroom
