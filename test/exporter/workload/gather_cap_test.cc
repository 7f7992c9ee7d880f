#include "exporter/workload/gather_cap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "exporter/workload/pool_cap.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using test::PoolIn;
using test::ViewOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = CapScope::Kind;
using Limit = CapMember::Limit;

std::vector<CapScope::Kind> ScopesOf(const std::vector<CapScope>& cap) {
  std::vector<CapScope::Kind> scopes;
  for (const CapScope& scope : cap) scopes.push_back(scope.scope);
  return scopes;
}

// Pool app/web of two poolers in front of one server, as test/support/pooler.h has them.
struct GatherCapOf : testing::Test {
  std::vector<CapScope> Gathered() const {
    return GatherCap(pools, std::vector{ViewOf("a", "pgbouncer", pooler, {"db"}),
                                        ViewOf("b", "pgbouncer", pooler_b, {"db"}),
                                        ViewOf("db", "postgresql", server)});
  }
  CapMember Only(const std::vector<CapScope>& cap, CapScope::Kind scope) const {
    for (const CapScope& one : cap) {
      if (one.scope == scope && one.members.size() == 1) return one.members[0];
    }
    ADD_FAILURE() << "not one member";
    return {};
  }
  Limit LimitOfCap() const { return CapOf({}, Gathered()).limit; }

  std::vector<WorkloadPool> pools = {{"a", "app", "web"}};
  std::optional<Reading> pooler = test::PoolerReading("db");
  std::optional<Reading> pooler_b = test::PoolerReading("db");
  std::optional<Reading> server = test::ServerReading();
};

TEST_F(GatherCapOf, APoolHasTheLimitsOfItsDatabaseUserAndServer) {
  const auto cap = Gathered();
  EXPECT_THAT(ScopesOf(cap), ElementsAre(Kind::kPool, Kind::kDatabase, Kind::kUser, Kind::kServer,
                                         Kind::kServerDatabase, Kind::kServerRole));
  EXPECT_EQ(Only(cap, CapScope::Kind::kPool).max, 20U);
  EXPECT_EQ(Only(cap, CapScope::Kind::kPool).name, "app/web of a");
  const CapMember database = Only(cap, CapScope::Kind::kDatabase);
  EXPECT_EQ(database.max, 120U);
  EXPECT_EQ(database.current, 8U);
  EXPECT_EQ(database.own, 8U);
  EXPECT_EQ(Only(cap, CapScope::Kind::kUser).limit, Limit::kUnlimited);
  const CapMember behind = Only(cap, CapScope::Kind::kServer);
  EXPECT_EQ(behind.max, 200U);
  EXPECT_EQ(behind.reserved, 3U);
  EXPECT_EQ(behind.current, 31U);  // our own session takes room, too
  EXPECT_EQ(behind.own, 8U);
}

TEST_F(GatherCapOf, TwoPoolersAreTwoMembersInFrontOfOneServer) {
  pools.push_back({"b", "app", "web"});
  const auto cap = Gathered();
  EXPECT_EQ(cap[0].members.size(), 2U);
  EXPECT_EQ(cap[1].members.size(), 2U);
  EXPECT_EQ(Only(cap, CapScope::Kind::kServer).own, 16U);
}

TEST_F(GatherCapOf, TwoPoolsOfOneDatabaseAreOneMemberOfItsScope) {
  Pool second = PoolIn(*pooler, PoolScope::kPool);
  second.user = "jobs";
  second.name = "app/jobs";
  pooler->pools.push_back(second);
  Pool user = PoolIn(*pooler, PoolScope::kUser);
  user.name = user.user = "jobs";
  user.max_connections = 5;
  pooler->pools.push_back(user);
  pools.push_back({"a", "app", "jobs"});
  const auto cap = Gathered();
  EXPECT_EQ(cap[0].members.size(), 2U);
  EXPECT_EQ(Only(cap, CapScope::Kind::kDatabase).own, 16U);
  EXPECT_EQ(cap[2].members.size(), 2U);
}

TEST_F(GatherCapOf, NamesThatLookTheSamePutTogetherAreTwoPools) {
  Pool odd = PoolIn(*pooler, PoolScope::kPool);
  odd.database = "a/b";
  odd.user = "c";
  Pool twin = odd;
  twin.database = "a";
  twin.user = "b/c";
  pooler->pools.insert(pooler->pools.end(), {odd, twin});
  pools = {{"a", "a/b", "c"}, {"a", "a", "b/c"}};
  EXPECT_EQ(Gathered()[0].members.size(), 2U);
}

TEST_F(GatherCapOf, WhatTheServerAllowsADatabaseAndARoleBindsToo) {
  PoolIn(*server, PoolScope::kUser).max_connections = 15;
  const auto cap = Gathered();
  const CapMember database = Only(cap, Kind::kServerDatabase);
  EXPECT_EQ(database.name, "appdb of db");
  EXPECT_EQ(database.max, 100U);
  EXPECT_EQ(database.current, 20U);
  EXPECT_EQ(database.own, 8U);
  const CapMember role = Only(cap, Kind::kServerRole);
  EXPECT_EQ(role.name, "web of db");
  EXPECT_EQ(role.max, 15U);
  EXPECT_EQ(CapOf({}, cap).connections, 15U);
  WorkloadOptions reserved;
  reserved.reserve = 4;
  EXPECT_EQ(CapOf(reserved, cap).connections, 11U);
}

TEST_F(GatherCapOf, ADatabaseOrRoleThatTheServerDoesNotListIsUnknown) {
  PoolIn(*pooler, PoolScope::kPool).route->database = "gone";
  EXPECT_EQ(Only(Gathered(), Kind::kServerDatabase).why,
            "the server lists no database of this name that takes connections");
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  pooler = test::PoolerReading("db");
  std::erase_if(server->pools, [](const Pool& pool) { return pool.scope == PoolScope::kUser; });
  EXPECT_EQ(Only(Gathered(), Kind::kServerRole).why,
            "the server lists no role of this name that can log in");
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
}

TEST_F(GatherCapOf, TwoPoolersOfOneRoleAreOneMemberOfTheServersScopes) {
  pools.push_back({"b", "app", "web"});
  EXPECT_EQ(Only(Gathered(), Kind::kServerRole).own, 16U);
  EXPECT_EQ(Only(Gathered(), Kind::kServerDatabase).own, 16U);
}

// A part that failed has nothing to do with a list that is required and was read.
TEST_F(GatherCapOf, APoolThatThePoolerDoesNotListIsUnknownAndThoseThatItListsAreNamed) {
  pools[0].user = "newcomer";
  pooler->parts = {{"stats", false, Error{ErrorKind::kTimeout, "no answer in 2s"}}};
  const auto cap = Gathered();
  EXPECT_EQ(Only(cap, Kind::kPool).limit, Limit::kUnknown);
  EXPECT_THAT(Only(cap, Kind::kPool).why, HasSubstr("of this database it lists app/web"));
  EXPECT_EQ(Only(cap, Kind::kDatabase).max, 120U);
  EXPECT_EQ(Only(cap, Kind::kDatabase).own, 0U);
  EXPECT_EQ(Only(cap, Kind::kUser).limit, Limit::kUnknown);
  EXPECT_EQ(Only(cap, Kind::kServer).max, 200U);
  pools[0] = {"a", "apq", "web"};
  EXPECT_THAT(Only(Gathered(), Kind::kPool).why, HasSubstr("the pooler lists no database apq"));
}

TEST_F(GatherCapOf, APoolWithoutClientsIsKnownAndTheOthersAreNamed) {
  Pool idle = PoolIn(*pooler, PoolScope::kPool);
  idle.user = "newcomer";
  idle.name = "app/newcomer";
  for (PoolConnections& state : idle.connections) state.count = 0;
  idle.unused = true;
  pooler->pools.push_back(idle);
  pooler->pools.push_back(test::Row(PoolScope::kUser, "newcomer", {{"open", 0}}, 9));
  server->pools.push_back(test::Row(PoolScope::kUser, "newcomer", {}, std::nullopt));
  pools[0].user = "newcomer";
  const auto cap = Gathered();
  EXPECT_EQ(CapOf({}, cap).connections, 9U);
  EXPECT_EQ(Only(cap, Kind::kPool).note,
            "no client has used it yet; of this database the pooler lists app/web");
}

TEST_F(GatherCapOf, TheCollectorsOwnReasonIsTold) {
  Pool& pool = PoolIn(*pooler, PoolScope::kPool);
  pool.max_known = false;
  pool.max_unknown_because = "the size may be another's";
  pool.route->server_known = false;
  pool.route->unknown_because = "give it a table [[pgbouncer.databases]]";
  const auto cap = Gathered();
  EXPECT_EQ(Only(cap, Kind::kPool).why, "the size may be another's");
  for (const Kind scope : {Kind::kServer, Kind::kServerDatabase, Kind::kServerRole}) {
    EXPECT_EQ(Only(cap, scope).limit, Limit::kUnknown);
    EXPECT_EQ(Only(cap, scope).why, "give it a table [[pgbouncer.databases]]");
  }
}

TEST_F(GatherCapOf, APoolerWithoutARunIsUnknownInEveryScope) {
  PoolIn(*pooler, PoolScope::kPool).max_connections.reset();  // unlimited
  pools.push_back({"b", "app", "web"});
  pooler_b.reset();
  const auto cap = Gathered();
  EXPECT_EQ(cap.size(), 6U);
  EXPECT_EQ(cap[1].members.at(1).limit, Limit::kUnknown);
  EXPECT_EQ(cap[3].members.at(1).why, "target b has not answered yet");
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
}

TEST_F(GatherCapOf, AServerThatDoesNotAnswerOrIsNotTheRightOneIsUnknown) {
  server.reset();
  EXPECT_EQ(Only(Gathered(), CapScope::Kind::kServer).why, "target db has not answered yet");
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  server = test::ServerReading();
  PoolIn(*pooler, PoolScope::kPool).route->server_known = false;
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
}

TEST_F(GatherCapOf, APoolerThatNamesNoServerHasNoneThatBinds) {
  PoolIn(*pooler, PoolScope::kPool).route->server = "";
  for (const Kind scope : {Kind::kServer, Kind::kServerDatabase, Kind::kServerRole}) {
    EXPECT_EQ(Only(Gathered(), scope).limit, Limit::kUnlimited);
  }
}

TEST_F(GatherCapOf, WhatTheRunDoesNotSayIsUnknownAndNotUnlimited) {
  PoolIn(*pooler, PoolScope::kPool).max_known = false;
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  pooler = test::PoolerReading("db");
  PoolIn(*pooler, PoolScope::kDatabase).connections.clear();
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  pooler = test::PoolerReading("db");
  PoolIn(*pooler, PoolScope::kPool).connections.clear();
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  pooler = test::PoolerReading("db");
  std::erase_if(pooler->pools, [](const Pool& pool) { return pool.scope == PoolScope::kUser; });
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  pooler = test::PoolerReading("db");
  PoolIn(*server, PoolScope::kServer).reserved_connections.reset();
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
}

TEST_F(GatherCapOf, AServerAloneHasOnlyItsOwnScopeAndAllConnectionsAreTheWorkloads) {
  pools = {{"db"}};
  const auto cap = Gathered();
  EXPECT_THAT(ScopesOf(cap), ElementsAre(CapScope::Kind::kServer));
  EXPECT_EQ(cap[0].members.at(0).own, 31U);
  EXPECT_EQ(CapOf({}, cap).connections, 197U);
}

TEST_F(GatherCapOf, OfARoleOrADatabaseOfTheServerTheOthersAreCounted) {
  const auto own = [this](WorkloadPool pool) {
    pools = {std::move(pool)};
    const CapMember member = Only(Gathered(), Kind::kServer);
    EXPECT_EQ(member.limit, Limit::kLimited);
    return member.own;
  };
  EXPECT_EQ(own({"db", "", "web"}), 8U);
  EXPECT_THAT(ScopesOf(Gathered()), ElementsAre(Kind::kServer, Kind::kServerRole));
  EXPECT_EQ(own({"db", "appdb", ""}), 20U);
  EXPECT_THAT(ScopesOf(Gathered()), ElementsAre(Kind::kServer, Kind::kServerDatabase));
  EXPECT_EQ(Only(Gathered(), Kind::kServerDatabase).max, 100U);
  EXPECT_EQ(Only(Gathered(), Kind::kServerDatabase).own, 20U);
}

// As collectors/postgresql makes it: without a limit and without sessions, without numbers.
TEST_F(GatherCapOf, ARoleThatIsListedWithoutSessionsHasNone) {
  server->pools.push_back(test::Row(PoolScope::kUser, "quiet", {}, std::nullopt));
  pools = {{"db", "", "quiet"}};
  const CapMember member = Only(Gathered(), Kind::kServer);
  EXPECT_EQ(member.limit, Limit::kLimited);
  EXPECT_EQ(member.own, 0U);
  EXPECT_EQ(CapOf({}, Gathered()).connections, 166U);
}

TEST_F(GatherCapOf, ARoleThatIsNotListedIsUnknown) {
  pools = {{"db", "", "not_there"}};
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
  EXPECT_THAT(Only(Gathered(), Kind::kServer).why,
              HasSubstr("the connections of role not_there are unknown: the server lists no role"));
}

TEST_F(GatherCapOf, ARoleOfAServerWhoseRolesWereNotReadIsUnknown) {
  std::erase_if(server->pools, [](const Pool& pool) { return pool.scope == PoolScope::kUser; });
  pools = {{"db", "", "web"}};
  EXPECT_EQ(LimitOfCap(), Limit::kUnknown);
}

TEST_F(GatherCapOf, WithoutPoolsThereIsNothing) {
  pools.clear();
  EXPECT_THAT(Gathered(), IsEmpty());
}

}  // namespace
}  // namespace headroom
