#include "exporter/workload/pool_cap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "test/support/workload.h"

namespace headroom {
namespace {

using test::PoolOf;
using test::ServerOf;
using testing::ElementsAre;
using testing::IsEmpty;
using Limit = CapMember::Limit;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

struct PoolCapOf : testing::Test {
  PoolCap Cap(std::vector<CapScope> scopes) const { return CapOf(options, scopes); }
  std::uint64_t Connections(const CapScope& scope) const {
    const PoolCap cap = Cap({scope});
    EXPECT_EQ(cap.limit, Limit::kLimited);
    return cap.connections;
  }
  WorkloadOptions options;
};

CapScope Scope(CapScope::Kind scope, std::vector<CapMember> members) { return {scope, members}; }

CapMember Member(std::uint64_t max, std::uint64_t current, std::uint64_t own) {
  CapMember member = test::Limited("m", max);
  member.current = current;
  member.own = own;
  return member;
}

TEST_F(PoolCapOf, APoolIsItsSizeLessTheReserveWhateverIsOpenNow) {
  options.connections_per_worker = {3, 1};
  options.reserve = 10;
  const PoolCap cap = Cap({Scope(CapScope::Kind::kPool, {Member(50, 50, 20)})});
  EXPECT_EQ(cap.connections, 40U);
  EXPECT_EQ(cap.workers, 13U);
  EXPECT_THAT(cap.binding, ElementsAre(CapScope::Kind::kPool));
}

// 20 workers would become 10 and then 5 if what they hold were taken off.
TEST_F(PoolCapOf, WhatTheWorkersHoldIsTheirs) {
  for (const std::uint64_t own : {0U, 10U, 20U}) {
    EXPECT_EQ(Connections(Scope(CapScope::Kind::kDatabase, {Member(30, 10 + own, own)})), 20U);
    EXPECT_EQ(Connections(Scope(CapScope::Kind::kUser, {Member(30, 10 + own, own)})), 20U);
    EXPECT_EQ(Connections(ServerOf(33, 3, 10 + own, own)), 20U);
  }
}

TEST_F(PoolCapOf, OfAServerTheReserveForOthersIsKeptWhileTheyDoNotUseIt) {
  options.server_reserve = 20;
  EXPECT_EQ(Connections(ServerOf(200, 3, 5, 0)), 177U);
  EXPECT_EQ(Connections(ServerOf(200, 3, 30, 10)), 177U);
  EXPECT_EQ(Connections(ServerOf(200, 3, 31, 10)), 176U);
  EXPECT_EQ(Connections(Scope(CapScope::Kind::kDatabase, {Member(200, 5, 0)})), 195U);
}

TEST_F(PoolCapOf, OthersThatHaveMoreThanThereIsLeaveNothing) {
  EXPECT_EQ(Connections(ServerOf(20, 3, 90, 10)), 0U);
  options.reserve = 21;
  EXPECT_EQ(Connections(Scope(CapScope::Kind::kPool, {Member(20, 0, 0)})), 0U);
}

TEST_F(PoolCapOf, OwnThatExceedTheWholeForAnInstantAreNoNegativeOthers) {
  EXPECT_EQ(Connections(Scope(CapScope::Kind::kDatabase, {Member(30, 8, 9)})), 30U);
}

TEST_F(PoolCapOf, AScopeIsTheSumOfItsMembersLessTheReserveOnce) {
  options.reserve = 10;
  EXPECT_EQ(Connections(Scope(CapScope::Kind::kPool, {Member(50, 0, 0), Member(30, 0, 0)})), 70U);
  options.server_reserve = 5;
  CapScope servers = ServerOf(100, 3, 0, 0);
  servers.members.push_back(servers.members[0]);
  EXPECT_EQ(Connections(servers), 2 * (100 - 3 - 5) - 10U);
}

TEST_F(PoolCapOf, TheTightestScopeBindsAndSoDoItsEquals) {
  const auto scope = [](CapScope::Kind kind, std::uint64_t max) {
    return Scope(kind, {Member(max, 0, 0)});
  };
  const PoolCap cap = Cap({scope(CapScope::Kind::kPool, 50), scope(CapScope::Kind::kDatabase, 40),
                           scope(CapScope::Kind::kUser, 60), scope(CapScope::Kind::kServer, 40)});
  EXPECT_EQ(cap.workers, 40U);
  EXPECT_THAT(cap.binding, ElementsAre(CapScope::Kind::kDatabase, CapScope::Kind::kServer));
  EXPECT_EQ(cap.scopes[2].connections, 60U);
}

TEST_F(PoolCapOf, AnUnlimitedMemberMakesItsScopeNotBindWhateverTheOthersAre) {
  CapScope scope = PoolOf(true, 0);
  scope.members.push_back(Member(5, 0, 0));
  scope.members.push_back(CapMember{});
  EXPECT_EQ(Cap({scope}).limit, Limit::kUnlimited);
  EXPECT_EQ(Cap({scope, Scope(CapScope::Kind::kUser, {Member(7, 0, 0)})}).workers, 7U);
}

TEST_F(PoolCapOf, AnUnknownMemberMakesTheCapUnknownThoughOtherScopesAreKnown) {
  CapScope unknown = PoolOf(false, -1);
  unknown.members.push_back(Member(5, 0, 0));
  const CapScope known = Scope(CapScope::Kind::kUser, {Member(0, 0, 0)});
  for (const PoolCap& cap : {Cap({unknown, known}), Cap({known, unknown})}) {
    EXPECT_EQ(cap.limit, Limit::kUnknown);
    EXPECT_THAT(cap.binding, IsEmpty());
  }
}

TEST_F(PoolCapOf, NoPoolsAreNoLimit) { EXPECT_EQ(Cap({}).limit, Limit::kUnlimited); }

TEST_F(PoolCapOf, FractionsOfConnectionsAreExact) {
  options.connections_per_worker = *ParseRatio("0.9");
  EXPECT_EQ(Cap({Scope(CapScope::Kind::kPool, {Member(9, 0, 0)})}).workers, 10U);
  EXPECT_EQ(Cap({Scope(CapScope::Kind::kPool, {Member(8, 0, 0)})}).workers, 8U);
  options.connections_per_worker = *ParseRatio("0.1");
  EXPECT_EQ(Cap({Scope(CapScope::Kind::kPool, {Member(3, 0, 0)})}).workers, 30U);
}

TEST_F(PoolCapOf, HugeLimitsStopAtTheLargestNumber) {
  options.connections_per_worker = *ParseRatio("0.001");
  const PoolCap cap =
      Cap({Scope(CapScope::Kind::kPool, {Member(kLargest, 0, 0), Member(9, 0, 0)})});
  EXPECT_EQ(cap.connections, kLargest);
  EXPECT_EQ(cap.workers, kLargest);
}

}  // namespace
}  // namespace headroom
