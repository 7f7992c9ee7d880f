#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "collectors/postgresql/replication.h"
#include "collectors/postgresql/server_facts.h"
#include "test/collectors/postgresql_replies.h"

namespace headroom::postgresql {
namespace {

using pq::Table;
using std::chrono::seconds;
using test::kPostgresqlVersions;
using test::PostgresqlReply;
using test::SeriesOf;
using test::WithCell;
using test::WithoutColumn;
using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

class EachVersionOfReplication : public testing::TestWithParam<const char*> {
 protected:
  static Table Reply(const std::string& name) { return PostgresqlReply(GetParam(), name); }
};
INSTANTIATE_TEST_SUITE_P(Postgresql, EachVersionOfReplication,
                         testing::ValuesIn(kPostgresqlVersions));

TEST_P(EachVersionOfReplication, PrimaryKnowsItsStandbyAndItsSlot) {
  std::vector<Fact> facts;
  AddStandbyFacts(ParseStandbys(Reply("primary/standbys")).value(), facts);
  AddSlotFacts(ParseSlots(Reply("primary/slots")).value(), facts);
  AddRecoveryFacts(ParseRecovery(Reply("primary/recovery")).value(), std::nullopt, facts);
  const auto series = SeriesOf(facts);
  EXPECT_THAT(series, Contains(Pair("pg_stat_replication_standbys{streaming}", 1)));
  EXPECT_THAT(series, Contains(Pair("pg_stat_replication_standbys{catchup}", 0)));
  EXPECT_THAT(series, Contains(Key("pg_stat_replication_pg_wal_lsn_diff{standby_1,127.0.0.1}")));
  EXPECT_THAT(series, Contains(Pair("pg_replication_slots_active{standby_1,}", 1)));
  EXPECT_THAT(series, Contains(Pair("pg_replication_is_replica", 0)));
  EXPECT_THAT(series, Not(Contains(Key("pg_replication_lag_seconds"))));
}

TEST_P(EachVersionOfReplication, AStandbyThatIsLevelHasNoLag) {
  const auto recovery = ParseRecovery(Reply("standby/recovery"));
  ASSERT_TRUE(recovery.ok()) << recovery.error().message;
  EXPECT_TRUE(recovery->in_recovery);
  const ReplicaLag lag = StandbyWatch().Update(*recovery, SteadyTime(seconds(1000)));
  EXPECT_TRUE(lag.streaming);
  EXPECT_EQ(lag.seconds, 0);
  EXPECT_EQ(lag.last_message_age, recovery->last_message_age);
}

TEST_P(EachVersionOfReplication, AStandbyWithoutALinkHasNoZero) {
  const auto recovery = ParseRecovery(Reply("standby-cut-off/recovery"));
  ASSERT_TRUE(recovery.ok()) << recovery.error().message;
  const ReplicaLag lag = StandbyWatch().Update(*recovery, SteadyTime(seconds(1000)));
  EXPECT_FALSE(lag.streaming);
  EXPECT_EQ(lag.seconds, std::nullopt);
  EXPECT_EQ(lag.last_message_age, std::nullopt);
}

TEST_P(EachVersionOfReplication, WithoutAnyColumnNothingIsRead) {
  for (const std::string& column : Reply("primary/standbys").columns) {
    EXPECT_FALSE(ParseStandbys(WithoutColumn(Reply("primary/standbys"), column)).ok()) << column;
  }
  for (const std::string& column : Reply("primary/slots").columns) {
    EXPECT_FALSE(ParseSlots(WithoutColumn(Reply("primary/slots"), column)).ok()) << column;
  }
  for (const std::string& column : Reply("standby/recovery").columns) {
    EXPECT_FALSE(ParseRecovery(WithoutColumn(Reply("standby/recovery"), column)).ok()) << column;
  }
}

Standby OnlyStandby(const Table& table) { return ParseStandbys(table).value().at(0); }
Table Standbys() { return PostgresqlReply("15.18", "primary/standbys"); }

TEST(PostgresqlStandby, NoTimeAndNothingToReplayIsZero) {
  const Table idle =
      WithCell(WithCell(Standbys(), 0, "replay_lag", {}), 0, "replay_lag_bytes", "0");
  EXPECT_EQ(OnlyStandby(idle).replay.seconds, 0);
}

TEST(PostgresqlStandby, NoTimeWithBytesBehindIsUnknown) {
  const Table stuck =
      WithCell(WithCell(Standbys(), 0, "replay_lag", {}), 0, "replay_lag_bytes", "4096");
  EXPECT_EQ(OnlyStandby(stuck).replay.bytes, 4096);
  EXPECT_EQ(OnlyStandby(stuck).replay.seconds, std::nullopt);
}

TEST(PostgresqlStandby, NoPositionIsUnknownAndNotLevel) {
  const Table receiver =
      WithCell(WithCell(Standbys(), 0, "replay_lag", {}), 0, "replay_lag_bytes", {});
  EXPECT_EQ(OnlyStandby(receiver).replay.bytes, std::nullopt);
  EXPECT_EQ(OnlyStandby(receiver).replay.seconds, std::nullopt);
}

TEST(PostgresqlStandby, OfTwoWithOneNameTheOneFurtherBehindIsShown) {
  Standby near = OnlyStandby(Standbys());
  Standby far = near;
  far.replay.bytes = 9000;
  near.flush.bytes = std::nullopt;
  std::vector<Fact> facts;
  AddStandbyFacts({near, far}, facts);
  const auto series = SeriesOf(facts);
  EXPECT_THAT(series,
              Contains(Pair("pg_stat_replication_pg_wal_lsn_diff{standby_1,127.0.0.1}", 9000)));
  EXPECT_THAT(series,
              Not(Contains(Key("pg_stat_replication_flush_lag_bytes{standby_1,127.0.0.1}"))));
  EXPECT_THAT(series, Contains(Pair("pg_stat_replication_standbys{streaming}", 2)));
}

TEST(PostgresqlStandby, ABackupIsCountedAndHasNoLag) {
  std::vector<Fact> facts;
  AddStandbyFacts(ParseStandbys(WithCell(Standbys(), 0, "state", "backup")).value(), facts);
  const auto series = SeriesOf(facts);
  EXPECT_EQ(series.size(), 5U);
  EXPECT_THAT(series, Contains(Pair("pg_stat_replication_standbys{backup}", 1)));
}

TEST(PostgresqlStandby, ATimeThatIsOnlyKeptIsDropped) {
  const Standby level = OnlyStandby(Standbys());
  ASSERT_TRUE(level.replay.seconds);
  std::vector<Standby> paused = {level};
  paused[0].replay.bytes = 4096;
  DropKeptTimes({level}, paused);
  EXPECT_EQ(paused[0].replay.seconds, std::nullopt);
  EXPECT_EQ(paused[0].replay.bytes, 4096);
  EXPECT_EQ(paused[0].flush.seconds, level.flush.seconds);  // nothing is outstanding
}

TEST(PostgresqlStandby, ATimeThatWasMeasuredAnewStays) {
  const Standby level = OnlyStandby(Standbys());
  std::vector<Standby> busy = {level};
  busy[0].replay = {4096, 0.25};
  DropKeptTimes({level}, busy);
  EXPECT_EQ(busy[0].replay.seconds, 0.25);
}

TEST(PostgresqlSlots, ACutListIsNoList) {
  Table table = PostgresqlReply("15.18", "primary/slots");
  table.rows.resize(501, table.rows[0]);
  EXPECT_FALSE(ParseSlots(table).ok());
}

class PostgresqlWatch : public testing::Test {
 protected:
  static constexpr SteadyTime kStart{seconds(1000)};

  // A standby that streams, has replayed everything, and heard of its primary so long ago.
  static Recovery Level(double message_age) {
    Recovery r;
    r.in_recovery = true;
    r.receiver_status = "streaming";
    r.receiver_timeout = 60;
    r.replayed = r.received = r.upstream_end = kEnd;
    r.last_message_age = message_age;
    r.last_replay_age = 100;
    return r;
  }
  static Recovery Behind(double message_age, double last_replay_age) {
    Recovery r = Level(message_age);
    r.received = r.upstream_end = kEnd + 1000;
    r.last_replay_age = last_replay_age;
    return r;
  }
  // Replays as fast as the link delivers, which is slower than the primary writes.
  static Recovery SlowLink(double last_replay_age) {
    Recovery r = Level(0);
    r.upstream_end = kEnd + 1'000'000;
    r.last_replay_age = last_replay_age;
    return r;
  }
  static Recovery Cut() {
    Recovery r = Level(0);
    r.receiver_status.reset();
    r.last_message_age.reset();
    r.upstream_end.reset();
    return r;
  }
  static constexpr std::uint64_t kEnd = 0x3000060;
  StandbyWatch watch_;
};

TEST_F(PostgresqlWatch, AllThatASlowLinkDeliveredIsNotAllThereIs) {
  EXPECT_EQ(watch_.Update(SlowLink(40), kStart).seconds, 40);
  EXPECT_EQ(watch_.Update(SlowLink(45), kStart + seconds(5)).seconds, 45);
  EXPECT_EQ(watch_.Update(SlowLink(50), kStart + seconds(10)).seconds, 50);
}

TEST_F(PostgresqlWatch, OnASlowLinkTheTimeSinceItWasLevelGrows) {
  EXPECT_EQ(watch_.Update(Level(0), kStart).seconds, 0);
  EXPECT_EQ(watch_.Update(SlowLink(40), kStart + seconds(5)).seconds, 5);
  EXPECT_EQ(watch_.Update(SlowLink(40), kStart + seconds(9)).seconds, 9);
}

// Streaming begins anew at the start of a segment, before what was replayed.
TEST_F(PostgresqlWatch, CatchUpIsNotLevel) {
  Recovery catch_up = SlowLink(600);
  catch_up.received = 0x3000000;
  EXPECT_EQ(watch_.Update(catch_up, kStart).seconds, 600);
  EXPECT_EQ(catch_up.ReplayLagBytes(), std::nullopt);
}

TEST_F(PostgresqlWatch, AConnectionThatHasBroughtNothingYetLeavesTheAgeOfTheLastMessage) {
  EXPECT_EQ(watch_.Update(Level(0), kStart).seconds, 0);
  Recovery connected = Level(0);
  connected.last_message_age.reset();
  connected.upstream_end.reset();
  EXPECT_EQ(watch_.Update(connected, kStart + seconds(60)).seconds, 60);
}

TEST_F(PostgresqlWatch, WhatTheArchiveBringsBoundsTheLagToo) {
  EXPECT_EQ(watch_.Update(Level(2), kStart).seconds, 0);
  Recovery archive = Cut();
  archive.replayed = kEnd + 5'000'000;
  archive.last_replay_age = 30;
  EXPECT_EQ(watch_.Update(archive, kStart + seconds(600)).seconds, 30);
  archive.last_replay_age = 1000;  // the primary had fallen idle
  EXPECT_EQ(watch_.Update(archive, kStart + seconds(700)).seconds, 702);
  EXPECT_EQ(archive.ReplayLagBytes(), std::nullopt);
}

TEST_F(PostgresqlWatch, BytesAreWhatWasReceivedAndWaits) {
  EXPECT_EQ(Behind(0, 1).ReplayLagBytes(), 1000);
  EXPECT_EQ(Level(0).ReplayLagBytes(), 0);
  EXPECT_EQ(Cut().ReplayLagBytes(), std::nullopt);
}

TEST_F(PostgresqlWatch, AnIdlePrimaryIsNoLag) {
  EXPECT_EQ(watch_.Update(Level(0), kStart).seconds, 0);
  EXPECT_EQ(watch_.Update(Level(30), kStart + seconds(30)).seconds, 0);
  EXPECT_EQ(watch_.Update(Level(29), kStart + seconds(60)).seconds, 0);
}

TEST_F(PostgresqlWatch, AFrozenPrimaryIsTheAgeOfItsLastMessage) {
  EXPECT_EQ(watch_.Update(Level(36), kStart).seconds, 36);
}

TEST_F(PostgresqlWatch, AfterTheLinkIsCutTheAgeGoesOnGrowing) {
  EXPECT_EQ(watch_.Update(Level(2), kStart).seconds, 0);
  const ReplicaLag lag = watch_.Update(Cut(), kStart + seconds(10));
  EXPECT_FALSE(lag.streaming);
  EXPECT_EQ(lag.last_message_age, 12);
  EXPECT_EQ(lag.seconds, 12);
}

TEST_F(PostgresqlWatch, WhileReplayIsBehindTheLesserBoundCounts) {
  EXPECT_EQ(watch_.Update(Behind(0, 7), kStart).seconds, 7);
  EXPECT_EQ(watch_.Update(Level(0), kStart + seconds(5)).seconds, 0);
  // An idle primary writes again: the last commit is an hour old, but all was replayed 2 s ago.
  EXPECT_EQ(watch_.Update(Behind(0, 3600), kStart + seconds(7)).seconds, 2);
}

TEST_F(PostgresqlWatch, BehindWhenTheLinkWasCutIsOlderThanTheLastMessage) {
  EXPECT_EQ(watch_.Update(Level(0), kStart).seconds, 0);
  EXPECT_EQ(watch_.Update(Behind(0, 3600), kStart + seconds(20)).seconds, 20);
  EXPECT_EQ(watch_.Update(Cut(), kStart + seconds(50)).seconds, 50);
}

TEST_F(PostgresqlWatch, LevelFoundDuringASilenceIsNoneOnceTheSilenceIsLong) {
  EXPECT_EQ(watch_.Update(Level(34), kStart + seconds(34)).seconds, 0);
  Recovery frozen = Behind(40, 3600);
  EXPECT_EQ(watch_.Update(frozen, kStart + seconds(40)).seconds, 40);
}

TEST_F(PostgresqlWatch, WithoutAnyMessageTheLagIsUnknown) {
  EXPECT_EQ(watch_.Update(Cut(), kStart).seconds, std::nullopt);
}

TEST_F(PostgresqlWatch, PromotionForgets) {
  watch_.Update(Level(0), kStart);
  watch_.Forget();
  EXPECT_EQ(watch_.Update(Cut(), kStart + seconds(5)).last_message_age, std::nullopt);
}

TEST(PostgresqlRecovery, APrimaryWhoseClockIsAheadTellsNoAge) {
  const Table reply = PostgresqlReply("15.18", "standby/recovery");
  EXPECT_EQ(ParseRecovery(WithCell(reply, 0, "last_replay_age", "-2"))->last_replay_age,
            std::nullopt);
}

TEST(PostgresqlRecovery, AMessageOfTheFutureHasNoAge) {
  const Table reply = PostgresqlReply("15.18", "standby/recovery");
  StandbyWatch watch;
  watch.Update(ParseRecovery(reply).value(), SteadyTime(seconds(1000)));
  const auto set_back = ParseRecovery(WithCell(reply, 0, "last_message_age", "-60"));
  const ReplicaLag lag = watch.Update(set_back.value(), SteadyTime(seconds(1100)));
  EXPECT_EQ(lag.last_message_age, std::nullopt);
  EXPECT_EQ(lag.seconds, std::nullopt);
}

}  // namespace
}  // namespace headroom::postgresql
