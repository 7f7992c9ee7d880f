#include "exporter/target_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "test/support/fake_clock.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

class TargetLogTest : public testing::Test {
 protected:
  static std::array<int, 2> MakePipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    return ends;
  }
  ~TargetLogTest() override {
    for (const int end : ends_) ::close(end);
  }
  // What was logged since the last call, without the time.
  std::string Logged() {
    std::array<char, 65536> buffer{};
    const auto got = ::read(ends_[0], buffer.data(), buffer.size());
    std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    for (auto at = text.find("time="); at != std::string::npos; at = text.find("time=")) {
      text.erase(at, text.find(' ', at) + 1 - at);
    }
    return text;
  }
  void Run(std::optional<Error> error, std::vector<Problem> problems = {},
           std::string source = {}) {
    const auto run = std::make_unique<Snapshot>();
    run->started = run->finished = clock_.Now();
    run->error = std::move(error);
    run->reading.problems = std::move(problems);
    run->reading.source = std::move(source);
    log_.OnRun(*run);
  }

  // Runs at one pace, one after the other, for so long.
  void RunAt(SamplePace pace, Duration lasts) {
    for (Duration passed{}; passed <= lasts; passed += pace.Every(), clock_.Advance(pace.Every())) {
      const auto run = std::make_unique<Snapshot>();
      run->started = run->replied = run->finished = clock_.Now();
      run->pace = pace;
      log_.OnRun(*run);
    }
  }

  const std::array<int, 2> ends_ = MakePipe();
  test::FakeClock clock_;
  Logger logger_{LogLevel::kInfo, LogFormat::kLogfmt, clock_, ends_[1]};
  TargetLog log_{logger_, "main", "redis"};
};

const Error kRefused{ErrorKind::kConnect, "refused"};

TEST_F(TargetLogTest, SaysOnceThatATargetIsUp) {
  Run(std::nullopt);
  EXPECT_EQ(Logged(), "level=info msg=\"target is up\" target=main system=redis\n");
  Run(std::nullopt);
  EXPECT_EQ(Logged(), "");
}

TEST_F(TargetLogTest, SaysWhichSourceWasTakenWhenThatChanges) {
  Run(std::nullopt, {}, "plugin: cheapest");
  EXPECT_EQ(Logged(),
            "level=info msg=\"target is up\" target=main system=redis\n"
            "level=info msg=\"source chosen\" target=main system=redis source=\"plugin: "
            "cheapest\"\n");
  Run(std::nullopt, {}, "plugin: cheapest");
  EXPECT_EQ(Logged(), "");
  Run(std::nullopt, {}, "management API: no page");
  EXPECT_EQ(Logged(),
            "level=info msg=\"source chosen\" target=main system=redis source=\"management "
            "API: no page\"\n");
}

TEST_F(TargetLogTest, SaysOnceThatATargetIsDownAndOnceThatItIsBack) {
  Run(std::nullopt);
  Logged();
  Run(kRefused);
  EXPECT_EQ(Logged(),
            "level=error msg=\"target is down\" target=main system=redis reason=connect "
            "error=refused\n");
  for (int i = 0; i < 100; ++i) Run(kRefused);
  EXPECT_EQ(Logged(), "");
  Run(std::nullopt);
  EXPECT_EQ(Logged(), "level=info msg=\"target is up again\" target=main system=redis\n");
}

TEST_F(TargetLogTest, AnotherReasonIsNews) {
  Run(kRefused);
  Logged();
  Run(Error{ErrorKind::kAuth, "wrong password"});
  EXPECT_NE(Logged().find("reason=auth"), std::string::npos);
}

TEST_F(TargetLogTest, RemindsEveryTenMinutes) {
  Run(kRefused);
  Logged();
  clock_.Advance(10min - 1s);
  Run(kRefused);
  EXPECT_EQ(Logged(), "");
  clock_.Advance(1s);
  Run(kRefused);
  EXPECT_NE(Logged().find("target is down"), std::string::npos);
}

constexpr SamplePace kFast{50ms, 0.1, 1ms};
constexpr SamplePace kSlow{50ms, 0.1, 23ms};
constexpr SamplePace kBlind{50ms, 0.1, 230ms};
const std::string kSlowLine =
    "level=warn msg=\"sampled less often than configured\" target=main system=redis why=\"sampled "
    "every 230ms instead of 50ms: a run takes 23ms and max_duty is 0.1; raise sample_interval or "
    "max_duty\"\n";

TEST_F(TargetLogTest, SaysOnceThatATargetIsSampledLessOftenAndOnceThatThisIsOver) {
  RunAt(kFast, 1min);
  Logged();
  RunAt(kSlow, 9s);
  EXPECT_EQ(Logged(), "");
  RunAt(kSlow, 10min);
  EXPECT_EQ(Logged(), kSlowLine);
  RunAt(kFast, 59s);
  EXPECT_EQ(Logged(), "");
  RunAt(kFast, 10min);
  EXPECT_EQ(Logged(),
            "level=info msg=\"sampled as often as configured again\" target=main system=redis "
            "every=50ms\n");
}

TEST_F(TargetLogTest, SaysWhenThePaceIsTooSlowToObserveAnything) {
  RunAt(kFast, 1s);
  Logged();
  RunAt(kBlind, 1min);
  EXPECT_EQ(Logged(),
            "level=warn msg=\"sampled less often than configured\" target=main system=redis "
            "why=\"sampled every 2s300ms instead of 50ms: a run takes 230ms and max_duty is 0.1; "
            "raise sample_interval or max_duty; until then nothing is observed, since samples more "
            "than 2s apart do not count\"\n");
  RunAt(kSlow, 2min);
  EXPECT_EQ(Logged(), kSlowLine);
}

TEST_F(TargetLogTest, DoesNotAdviseWhatCannotBeRaised) {
  RunAt({50ms, 1, 105ms}, 11s);
  EXPECT_NE(Logged().find("max_duty is 1; raise sample_interval\"\n"), std::string::npos);
}

TEST_F(TargetLogTest, APaceThatGoesUpAndDownIsNotSaidEachTime) {
  RunAt(kFast, 1s);
  Logged();
  for (int i = 0; i < 20; ++i) {
    RunAt(kSlow, 5s);
    RunAt(kFast, 5s);
  }
  EXPECT_EQ(Logged(), "");
  for (int i = 0; i < 20; ++i) {  // but it was slower all of the time
    RunAt(kSlow, 4s);
    RunAt(kBlind, 4s);
  }
  EXPECT_EQ(Logged(), kSlowLine);
}

TEST_F(TargetLogTest, ACostThatWaversAroundWhatIsAllowedIsNotSaidEachTime) {
  RunAt({50ms, 0.1, 5500us}, 10min);
  EXPECT_EQ(Logged(), "level=info msg=\"target is up\" target=main system=redis\n");
  RunAt({50ms, 0.1, 6500us}, 1min);
  EXPECT_NE(Logged().find("sampled every 65ms"), std::string::npos);
  RunAt({50ms, 0.1, 5500us}, 10min);
  EXPECT_EQ(Logged(), "");
}

TEST_F(TargetLogTest, AnObjectThatIsUnknownIsSaidOnceAndSoIsItsRecovery) {
  const std::vector<Problem> problem = {{"queue:a", Error{ErrorKind::kUnsupported, "not a list"}}};
  Run(std::nullopt, problem);
  EXPECT_NE(Logged().find("object=queue:a reason=unsupported"), std::string::npos);
  Run(std::nullopt, problem);
  EXPECT_EQ(Logged(), "");
  Run(kRefused);  // while it is down nothing is known of its objects
  Run(std::nullopt, problem);
  EXPECT_EQ(Logged().find("queue:a"), std::string::npos);
  Run(std::nullopt);
  EXPECT_EQ(Logged(), "level=info msg=recovered target=main system=redis object=queue:a\n");
}

std::vector<Problem> Problems(int count, ErrorKind kind = ErrorKind::kUnsupported) {
  std::vector<Problem> problems;
  for (int i = 0; i < count; ++i) {
    problems.push_back({"queue:" + std::to_string(1000 + i), Error{kind, "not a list"}});
  }
  return problems;
}

TEST_F(TargetLogTest, ManyObjectsAreCountedAndNoneIsTakenForRecoveredForWantOfALine) {
  std::vector<Problem> problems = Problems(60);
  Run(std::nullopt, problems);
  const std::string first = Logged();
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 52);  // "target is up", the rest
  EXPECT_NE(
      first.find("msg=\"more are unknown in this run\" target=main system=redis objects=10\n"),
      std::string::npos);
  // One more, and in another order.
  problems.push_back({"a", Error{ErrorKind::kUnsupported, "not a list"}});
  std::reverse(problems.begin(), problems.end());
  Run(std::nullopt, problems);
  EXPECT_EQ(Logged(),
            "level=warn msg=\"unknown in this run\" target=main system=redis object=a "
            "reason=unsupported error=\"not a list\"\n");
  Run(std::nullopt);
  const std::string last = Logged();
  EXPECT_EQ(std::count(last.begin(), last.end(), '\n'), 51);
  EXPECT_NE(last.find("msg=\"more have recovered\" target=main system=redis objects=11\n"),
            std::string::npos);
}

TEST_F(TargetLogTest, SeveralProblemsOfOneObjectAreAllTold) {
  const Error error{ErrorKind::kUnsupported, "not a list"};
  Run(std::nullopt, {{"a", error},
                     {"a", Error{ErrorKind::kProtocol, "no age"}},
                     {.object = "a", .error = error, .group = "a"}});
  const std::string logged = Logged();
  EXPECT_NE(logged.find("object=a reason=unsupported error=\"not a list; no age\""),
            std::string::npos);
  EXPECT_NE(logged.find("object=\"worker group a\" reason=unsupported error=\"not a list\""),
            std::string::npos);
}

TEST_F(TargetLogTest, AReasonThatComesAndGoesIsSaidOnceInTenMinutes) {
  Run(std::nullopt, Problems(1, ErrorKind::kConnect));
  Run(std::nullopt, Problems(1, ErrorKind::kLimit));
  Logged();
  for (int i = 0; i < 5; ++i) {
    Run(std::nullopt, Problems(1, ErrorKind::kConnect));
    Run(std::nullopt, Problems(1, ErrorKind::kLimit));
  }
  EXPECT_EQ(Logged(), "");
  clock_.Advance(TargetLog::kReminder);
  Run(std::nullopt, Problems(1, ErrorKind::kLimit));
  EXPECT_NE(Logged().find("object=queue:1000 reason=limit"), std::string::npos);
}

}  // namespace
}  // namespace headroom
