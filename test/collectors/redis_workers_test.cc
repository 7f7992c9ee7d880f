#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "collectors/redis/group_reader.h"
#include "collectors/redis/workers.h"
#include "test/collectors/redis_replies.h"

namespace headroom::redis {
namespace {

using std::chrono::seconds;
using test::List;
using test::Loading;
using test::Nil;
using test::NoPermission;
using test::Number;
using test::Text;
using test::WrongType;
using testing::HasSubstr;

constexpr WallTime kNow{seconds(1'767'225'600)};

WorkerOptions Group() {
  WorkerOptions options;
  options.group = "g";
  options.pattern = "consumer:*";
  options.state_field = "state";
  options.states = {"idle", "working"};
  return options;
}

WorkerOptions WithHeartbeat() {
  WorkerOptions options = Group();
  options.heartbeat_field = "at";
  return options;
}

WorkerOptions WithTtl() {
  WorkerOptions options = Group();
  options.heartbeat_ttl = seconds(60);
  options.stale_after = seconds(20);
  return options;
}

std::string Ago(int s) { return std::to_string(1'767'225'600 - s); }

// "idle 1+0, working 0+2, other 0+0": live + stale
std::string Summary(const WorkerGroup& group) {
  std::string text;
  for (const WorkerState& state : group.states) {
    text += (text.empty() ? "" : ", ") + state.state + " " + std::to_string(state.live) + "+" +
            (state.stale ? std::to_string(*state.stale) : "?");
  }
  return text;
}

std::string Tally(const WorkerOptions& options, const std::vector<WorkerRecord>& records,
                  TimeToLive ttl = {}) {
  GroupTally tally(options);
  for (const WorkerRecord& record : records) tally.Add(Judge(options, record, ttl, kNow));
  return Summary(tally.Finish());
}

TEST(RedisWorkers, EmptyGroupHasEveryStateAtZero) {
  EXPECT_EQ(Tally(WithHeartbeat(), {}), "idle 0+0, working 0+0, other 0+0");
  EXPECT_EQ(Tally(Group(), {}), "idle 0+?, working 0+?, other 0+?");
}

TEST(RedisWorkers, LingeringStateOfALongGoneWorkerIsStale) {
  EXPECT_EQ(Tally(WithHeartbeat(), {{"working", Ago(3600), {}}, {"working", Ago(5), {}}}),
            "idle 0+0, working 1+1, other 0+0");
}

TEST(RedisWorkers, StaleBeginsAfterStaleAfter) {
  EXPECT_EQ(Tally(WithHeartbeat(), {{"idle", Ago(60), {}}, {"idle", Ago(61), {}}}),
            "idle 1+1, working 0+0, other 0+0");
}

TEST(RedisWorkers, WithoutReadableHeartbeatAWorkerIsStale) {
  EXPECT_EQ(Tally(WithHeartbeat(), {{"idle", {}, {}}, {"idle", "yesterday", {}}}),
            "idle 0+2, working 0+0, other 0+0");
}

TEST(RedisWorkers, HeartbeatOfTheFutureHasAgeZero) {
  const Worker worker = Judge(WithHeartbeat(), {"idle", Ago(-300), {}}, {}, kNow);
  EXPECT_FALSE(worker.stale);
  EXPECT_EQ(worker.heartbeat_age_seconds, 0.0);
}

TEST(RedisWorkers, HeartbeatThatNoClockHasShownIsStale) {
  for (const std::string& text : {std::string("0"), std::string("5021.7"), Ago(-2 * 86400)}) {
    const Worker worker = Judge(WithHeartbeat(), {"idle", text, {}}, {}, kNow);
    EXPECT_TRUE(worker.stale) << text;
    EXPECT_FALSE(worker.heartbeat_age_seconds.has_value()) << text;
  }
}

TEST(RedisWorkers, UnlistedAndMissingStatesAreOther) {
  EXPECT_EQ(Tally(Group(), {{"paused", {}, {}}, {{}, {}, {}}, {"Idle", {}, {}}}),
            "idle 0+?, working 0+?, other 3+?");
}

TEST(RedisWorkers, TimeToLiveTellsTheAge) {
  const Worker worker = Judge(WithTtl(), {"idle", {}, {}}, TimeToLive{seconds(45)}, kNow);
  EXPECT_EQ(worker.heartbeat_age_seconds, 15.0);
  EXPECT_FALSE(worker.stale);
  EXPECT_TRUE(Judge(WithTtl(), {"idle", {}, {}}, TimeToLive{seconds(39)}, kNow).stale);
}

TEST(RedisWorkers, NoTimeToLiveIsStaleAndOneThatIsRoundedUpIsFresh) {
  EXPECT_EQ(Tally(WithTtl(), {{"idle", {}, {}}}), "idle 0+1, working 0+0, other 0+0");
  const Worker worker = Judge(WithTtl(), {"idle", {}, {}}, TimeToLive{seconds(61)}, kNow);
  EXPECT_EQ(worker.heartbeat_age_seconds, 0.0);
}

TEST(RedisWorkers, OldestHeartbeatIsOverLiveAndStale) {
  const WorkerOptions options = WithHeartbeat();
  GroupTally tally(options);
  for (const auto& at : {Ago(10), Ago(500), std::string("?")}) {
    tally.Add(Judge(options, {"idle", at, {}}, {}, kNow));
  }
  EXPECT_EQ(tally.Finish().oldest_heartbeat_age_seconds, 500.0);
  EXPECT_FALSE(GroupTally(options).Finish().oldest_heartbeat_age_seconds.has_value());
}

TEST(RedisWorkers, LongestInStateIsOverLiveWorkersOnly) {
  WorkerOptions options = WithHeartbeat();
  options.since_field = "since";
  GroupTally tally(options);
  tally.Add(Judge(options, {"working", Ago(1), Ago(40)}, {}, kNow));
  tally.Add(Judge(options, {"working", Ago(1), Ago(30)}, {}, kNow));
  tally.Add(Judge(options, {"working", Ago(999), Ago(5000)}, {}, kNow));
  tally.Add(Judge(options, {"other", Ago(1), Ago(7)}, {}, kNow));
  const WorkerGroup group = tally.Finish();
  EXPECT_EQ(group.states[0].longest_in_state_seconds, 0.0);
  EXPECT_EQ(group.states[1].longest_in_state_seconds, 40.0);
  EXPECT_EQ(group.states[2].longest_in_state_seconds, 7.0);
}

TEST(RedisWorkers, OneUnknownSinceMakesTheLongestUnknownWhateverTheOrder) {
  WorkerOptions options = WithHeartbeat();
  options.since_field = "since";
  const WorkerRecord known = {"idle", Ago(1), Ago(40)};
  const WorkerRecord unknown = {"idle", Ago(1), std::nullopt};
  for (const auto& records : {std::vector{known, unknown}, std::vector{unknown, known}}) {
    GroupTally tally(options);
    for (const auto& record : records) tally.Add(Judge(options, record, {}, kNow));
    const WorkerGroup group = tally.Finish();
    EXPECT_FALSE(group.states[0].longest_in_state_seconds.has_value());
    EXPECT_EQ(group.states[1].longest_in_state_seconds, 0.0);
  }
}

TEST(RedisWorkers, WithoutSinceFieldThereIsNoLongest) {
  EXPECT_FALSE(GroupTally(Group()).Finish().states[0].longest_in_state_seconds.has_value());
}

// GroupReader: what is asked, and what follows from the answers.
class RedisGroup : public testing::Test {
 protected:
  void Start(const WorkerOptions& options) {
    options_ = options;
    reader_.emplace(options_, keys_, kNow, json_);
  }
  std::size_t Ask() {
    Batch batch;
    return reader_->AddCommands(batch);
  }
  Status Answer(const std::vector<Reply>& replies) { return reader_->Take(replies); }
  std::string Done() {
    EXPECT_EQ(Ask(), 0U);
    auto group = reader_->Finish();
    return group.ok() ? Summary(*group) : "unknown: " + std::string(Name(group.error().kind));
  }
  void Know(std::string key) { keys_.try_emplace(std::move(key)); }

  WorkerOptions options_;
  KnownKeys keys_;
  JsonFields json_;
  std::optional<GroupReader> reader_;
};

TEST_F(RedisGroup, ReadsHashesInOneBatch) {
  Know("a");
  Know("b");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(Answer({List({Text("idle"), Text(Ago(1))}), List({Nil(), Text(Ago(1))})}).ok());
  EXPECT_EQ(Done(), "idle 1+0, working 0+0, other 1+0");
}

TEST_F(RedisGroup, AnotherTypeIsAskedAgainAsJsonAndRemembered) {
  Know("a");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({WrongType()}).ok());
  ASSERT_EQ(Ask(), 2U);  // GET and PTTL
  ASSERT_TRUE(Answer({Text(R"({"state":"idle","at":)" + Ago(1) + "}"), Number(-1)}).ok());
  EXPECT_EQ(Done(), "idle 1+0, working 0+0, other 0+0");
  EXPECT_EQ(keys_.at("a").kind, RecordKind::kString);
}

TEST_F(RedisGroup, WhatIsNeitherHashNorStringIsNoWorker) {
  Know("a");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({WrongType()}).ok());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(Answer({WrongType(), Number(-1)}).ok());
  EXPECT_EQ(Done(), "idle 0+0, working 0+0, other 0+0");
}

TEST_F(RedisGroup, TextThatIsNoJsonObjectIsAStaleOther) {
  Know("a");
  keys_.at("a").kind = RecordKind::kString;
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({Text("busy")}).ok());
  EXPECT_EQ(Done(), "idle 0+0, working 0+0, other 0+1");
}

TEST_F(RedisGroup, KeyThatIsGoneIsNoWorker) {
  Know("a");
  Know("b");
  keys_.at("b").kind = RecordKind::kString;
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(Answer({List({Nil(), Nil()}), Nil()}).ok());
  ASSERT_EQ(Ask(), 2U);  // "a" alone: HMGET and PTTL
  ASSERT_TRUE(Answer({List({Nil(), Nil()}), Number(-2)}).ok());
  EXPECT_EQ(Done(), "idle 0+0, working 0+0, other 0+0");
  EXPECT_TRUE(keys_.at("a").gone);
  EXPECT_TRUE(keys_.at("b").gone);
}

TEST_F(RedisGroup, HashWithoutOurFieldsIsAStaleOther) {
  Know("a");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({List({Nil(), Nil()})}).ok());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(Answer({List({Nil(), Nil()}), Number(-1)}).ok());
  EXPECT_EQ(Done(), "idle 0+0, working 0+0, other 0+1");
  EXPECT_FALSE(keys_.at("a").gone);
}

TEST_F(RedisGroup, TimeToLiveNeedsNoSecondBatch) {
  for (const char* key : {"a", "b", "c"}) Know(key);
  Start(WithTtl());
  ASSERT_EQ(Ask(), 6U);
  ASSERT_TRUE(Answer({List({Text("idle")}), Number(55'000), List({Text("working")}), Number(-1),
                      List({Nil()}), Number(-2)})
                  .ok());
  EXPECT_EQ(Done(), "idle 1+0, working 0+1, other 0+0");
}

TEST_F(RedisGroup, ATimeToLiveOverWhatWorkersSetMakesTheGroupUnknown) {
  for (const std::int64_t left : {61'001L, 3'600'000L, 9'000'000'000'000'000'000L}) {
    keys_.clear();
    Know("a");
    Start(WithTtl());
    ASSERT_EQ(Ask(), 2U);
    ASSERT_TRUE(Answer({List({Text("idle")}), Number(left)}).ok());
    const auto group = reader_->Finish();
    ASSERT_FALSE(group.ok()) << left;
    EXPECT_THAT(group.error().message, HasSubstr("over heartbeat_ttl, 1m"));
  }
}

TEST_F(RedisGroup, OneRefusedMemberMakesTheGroupUnknown) {
  Know("a");
  Know("b");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(Answer({List({Text("idle"), Text(Ago(1))}), NoPermission()}).ok());
  EXPECT_EQ(Done(), "unknown: permission");
}

TEST_F(RedisGroup, ServerThatLoadsIsAnError) {
  Know("a");
  Start(WithHeartbeat());
  ASSERT_EQ(Ask(), 1U);
  Status status = Answer({Loading()});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kConnect);
}

TEST_F(RedisGroup, MembersAreAskedForFirstAndThenRead) {
  Know("left");
  WorkerOptions options = WithHeartbeat();
  options.pattern.clear();
  options.members = "consumers";
  Start(options);
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({List({Text("a"), Text("b")})}).ok());
  ASSERT_EQ(Ask(), 2U);
  ASSERT_TRUE(
      Answer({List({Text("idle"), Text(Ago(1))}), List({Text("working"), Text(Ago(99))})}).ok());
  EXPECT_EQ(Done(), "idle 1+0, working 0+1, other 0+0");
  EXPECT_FALSE(keys_.contains("left"));
}

TEST_F(RedisGroup, SetOfMembersThatCannotBeReadMakesTheGroupUnknown) {
  WorkerOptions options = WithHeartbeat();
  options.members = "consumers";
  for (const auto& [reply, reason] :
       {std::pair(WrongType(), "unknown: unsupported"),
        std::pair(NoPermission(), "unknown: permission"), std::pair(Nil(), "unknown: protocol")}) {
    Start(options);
    ASSERT_EQ(Ask(), 1U);
    ASSERT_TRUE(Answer({reply}).ok());
    EXPECT_EQ(Done(), reason);
  }
}

TEST_F(RedisGroup, MoreMembersThanTheCapMakeTheGroupUnknown) {
  WorkerOptions options = WithHeartbeat();
  options.members = "consumers";
  Start(options);
  ASSERT_EQ(Ask(), 1U);
  ASSERT_TRUE(Answer({List(std::vector<Reply>(kMaxKeys + 1, Text("x")))}).ok());
  EXPECT_EQ(Done(), "unknown: protocol");
}

}  // namespace
}  // namespace headroom::redis
