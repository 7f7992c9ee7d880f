#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/pgbouncer/routes.h"

namespace headroom::pgbouncer {
namespace {

using testing::HasSubstr;

DatabaseRow Database(const std::string& name, std::optional<std::string> host) {
  DatabaseRow row;
  row.name = name;
  row.host = std::move(host);
  row.port = "5432";
  row.database = name + "_db";
  return row;
}

TEST(PgbouncerRoutes, OneAddressIsTheServer) {
  const Routing routing{"db", {}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"), Database("b", "10.0.0.1")};
  const Routes routes(routing, databases);
  const PoolRoute route = routes.Of(databases[1]);
  EXPECT_EQ(route.server, "db");
  EXPECT_TRUE(route.server_known);
  EXPECT_EQ(route.database, "b_db");
  EXPECT_FALSE(routes.problem());
}

TEST(PgbouncerRoutes, OfTwoAddressesNobodyKnowsWhichIsTheServer) {
  const Routing routing{"db", {}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"),
                                              Database("b", std::nullopt)};
  const Routes routes(routing, databases);
  EXPECT_FALSE(routes.Of(databases[0]).server_known);
  EXPECT_FALSE(routes.Of(databases[1]).server_known);
  ASSERT_TRUE(routes.problem());
  EXPECT_EQ(routes.problem()->error.kind, ErrorKind::kUnsupported);
  EXPECT_THAT(routes.problem()->error.message, HasSubstr("[[pgbouncer.databases]]"));
}

TEST(PgbouncerRoutes, ADatabaseThatIsNamedSettlesItsAddress) {
  const Routing routing{"db", {{"a", "db"}, {"c", "other"}}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"), Database("b", "10.0.0.1"),
                                              Database("c", "10.0.0.2"), Database("d", "10.0.0.2")};
  const Routes routes(routing, databases);
  EXPECT_TRUE(routes.Of(databases[0]).server_known);
  EXPECT_TRUE(routes.Of(databases[1]).server_known);
  EXPECT_EQ(routes.Of(databases[2]).server, "other");
  EXPECT_FALSE(routes.Of(databases[3]).server_known);
  EXPECT_THAT(routes.Of(databases[3]).unknown_because, HasSubstr("name = \"d\""));
  EXPECT_EQ(routes.Of(databases[0]).unknown_because, "");
  EXPECT_THAT(routes.problem()->object, HasSubstr("d"));
}

TEST(PgbouncerRoutes, OtherDatabasesThatAreNamedLeaveTheRestWithOneAddress) {
  const Routing routing{"db", {{"b", ""}}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"), Database("b", "10.0.0.2")};
  const Routes routes(routing, databases);
  EXPECT_TRUE(routes.Of(databases[0]).server_known);
  EXPECT_EQ(routes.Of(databases[1]).server, "");
  EXPECT_FALSE(routes.problem());
}

TEST(PgbouncerRoutes, AnyDatabaseIsWhereItIsSaidToBe) {
  const Routing routing{"db", {{"*", "other"}}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1")};
  const Routes routes(routing, databases);
  EXPECT_EQ(routes.OfAny().server, "other");
  EXPECT_TRUE(routes.OfAny().server_known);
}

TEST(PgbouncerRoutes, AnyDatabaseIsWhereTheOthersAreIfThatIsKnown) {
  const Routing routing{"db", {}};
  std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1")};
  EXPECT_EQ(Routes(routing, databases).OfAny().server, "db");
  EXPECT_TRUE(Routes(routing, databases).OfAny().server_known);
  databases.push_back(Database("b", "10.0.0.2"));
  EXPECT_FALSE(Routes(routing, databases).OfAny().server_known);
}

TEST(PgbouncerRoutes, ADatabaseAtTheAddressOfAnotherTargetIsOnAnUnknownServer) {
  for (const std::string other : {"other", ""}) {
    const Routing routing{"db", {{"b", other}}};
    const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"),
                                                Database("b", "10.0.0.1")};
    const Routes routes(routing, databases);
    EXPECT_FALSE(routes.Of(databases[0]).server_known);
    EXPECT_TRUE(routes.Of(databases[1]).server_known);
    EXPECT_FALSE(routes.OfAny().server_known);
    ASSERT_TRUE(routes.problem());
    EXPECT_EQ(routes.problem()->object, "database \"a\"");
    EXPECT_THAT(routes.problem()->error.message, HasSubstr("another target"));
  }
}

TEST(PgbouncerRoutes, TwoTargetsAtOneAddressSettleNothing) {
  const Routing routing{"db", {{"a", "db"}, {"b", "other"}}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"), Database("b", "10.0.0.1"),
                                              Database("c", "10.0.0.1")};
  const Routes routes(routing, databases);
  EXPECT_FALSE(routes.Of(databases[2]).server_known);
  EXPECT_TRUE(routes.problem());
}

TEST(PgbouncerRoutes, AListOfHostsIsSeveralServers) {
  const Routing routing{"db", {}};
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1,10.0.0.2")};
  const Routes routes(routing, databases);
  EXPECT_FALSE(routes.Of(databases[0]).server_known);
  EXPECT_TRUE(routes.problem());
}

TEST(PgbouncerRoutes, WithoutAServerThereIsNothingToKnow) {
  const Routing routing;
  const std::vector<DatabaseRow> databases = {Database("a", "10.0.0.1"), Database("b", "10.0.0.2")};
  const Routes routes(routing, databases);
  EXPECT_EQ(routes.Of(databases[0]).server, "");
  EXPECT_FALSE(routes.problem());
}

}  // namespace
}  // namespace headroom::pgbouncer
