// Routes over targets whose collectors the test scripts: what a page of linked targets asks, waits
// for and shows.
#include "exporter/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <map>
#include <optional>

#include "test/support/fake_clock.h"
#include "test/support/fake_collector.h"
#include "test/support/pooler.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using test::Script;
using testing::HasSubstr;
using testing::Not;

constexpr CollectorType kPostgresql = {"postgresql", nullptr, {}, {}, 1s};
constexpr CollectorType kPgbouncer = {"pgbouncer", nullptr, {}, {}, 50ms};
constexpr char kAvailable[] = "headroom_pool_available_connections{target=\"pooler-a\"";
constexpr char kBudget[] = "headroom_pool_budget_connections{target=\"db\"";

class KeepReply final : public HttpReply {
 public:
  void Send(HttpResponse response) override { sent.set_value(std::move(response)); }
  std::promise<HttpResponse> sent;
};

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    scripts_["db"]->answer = [] { return test::ServerReading(); };
    for (const char* pooler : {"pooler-a", "pooler-b"}) {
      scripts_[pooler]->answer = [] { return test::PoolerReading("db"); };
    }
    Apply({"db"});
  }
  ~RoutesTest() override {
    targets_.StopAll();
    loop_.Stop();
  }
  // `a_links`: what pooler-a names.
  void Apply(const std::vector<std::string>& a_links) {
    Config config;
    config.targets = {Target("db", kPostgresql, {}), Target("pooler-a", kPgbouncer, a_links),
                      Target("pooler-b", kPgbouncer, {"db"})};
    config.workloads = workloads_;
    targets_.Apply(config);
  }
  // A workload whose pool is the one of pooler-a, and which the calendar asks nothing of.
  void AddWorkload(const std::string& name, std::uint64_t min) {
    workloads_.push_back(std::make_shared<const WorkloadOptions>(WorkloadOptions{
        .name = name, .min = min, .max = 100, .pools = {{"pooler-a", "app", "web"}}}));
    Apply({"db"});
  }
  TargetConfig Target(const std::string& name, const CollectorType& type,
                      const std::vector<std::string>& links) {
    TargetConfig target;
    target.name = name;
    target.type = &type;
    target.timeout = 60s;
    target.make = test::FakeCollector::Factory(scripts_.at(name));
    target.table.data = Value::Table{};
    for (const std::string& link : links) target.links.push_back({link, "postgresql", {}, ""});
    return target;
  }
  std::future<HttpResponse> Get(const std::string& path, const std::vector<std::string>& names) {
    HttpRequest request{"GET", path, {}, {}};
    for (const std::string& name : names) request.query.emplace_back("collect[]", name);
    const auto reply = std::make_shared<KeepReply>();
    routes_.Handle(request, reply);
    return reply->sent.get_future();
  }
  // Lets the clock run slowly until there is an answer: no target's own time must be up before a
  // worker has had the processor.
  HttpResponse Await(std::future<HttpResponse>& asked) {
    while (asked.wait_for(10ms) == std::future_status::timeout) clock_.Advance(10ms);
    return asked.get();
  }
  std::string Page(const std::vector<std::string>& names) {
    return *Get("/metrics", names).get().body;
  }

  test::FakeClock clock_;
  const Logger logger_{LogLevel::kError, LogFormat::kLogfmt, clock_, STDERR_FILENO};
  SelfMetrics self_{"1.2.3"};
  EventLoop loop_{clock_, [](std::string_view text) { ADD_FAILURE() << text; }};
  std::map<std::string, std::shared_ptr<Script>> scripts_ = {
      {"db", std::make_shared<Script>()},
      {"pooler-a", std::make_shared<Script>()},
      {"pooler-b", std::make_shared<Script>()}};
  Workloads workloads_;
  Targets targets_{clock_, logger_, self_};
  Routes routes_{{}, loop_, targets_, self_, nullptr};
};

TEST_F(RoutesTest, TheWholePageHasBothHalves) {
  const std::string page = Page({});
  EXPECT_THAT(page, HasSubstr(kAvailable));
  EXPECT_THAT(page, HasSubstr(std::string(kBudget) + ",system=\"postgresql\",scope=\"server\","
                                                     "pool=\"server\"} 240\n"));
}

TEST_F(RoutesTest, APoolerAloneAsksItsServerAndShowsItself) {
  const std::string page = Page({"pooler-a"});
  EXPECT_THAT(page, HasSubstr(kAvailable));
  EXPECT_THAT(page, Not(HasSubstr("target=\"db\"")));
  EXPECT_EQ(scripts_["db"]->started, 1);
  EXPECT_EQ(scripts_["pooler-b"]->started, 0);
}

TEST_F(RoutesTest, AServerAloneAsksAllItsPoolersAndShowsItself) {
  const std::string page = Page({"db"});
  EXPECT_THAT(page, HasSubstr(std::string(kBudget) + ",system=\"postgresql\",scope=\"server\","
                                                     "pool=\"server\"} 240\n"));
  EXPECT_THAT(page, Not(HasSubstr("target=\"pooler-")));
}

TEST_F(RoutesTest, AFrozenServerDoesNotTakeThePoolersNumbers) {
  scripts_["db"]->block = true;
  const SteadyTime before = clock_.Now();
  auto asked = Get("/metrics", {"pooler-a"});
  const std::string page = *Await(asked).body;
  EXPECT_LT(clock_.Now() - before, 8s);  // neither the server's own time nor the request's was up
  EXPECT_THAT(page, HasSubstr("headroom_pool_waiting_clients{target=\"pooler-a\""));
  EXPECT_THAT(page, Not(HasSubstr(kAvailable)));
}

TEST_F(RoutesTest, AServerInBackOffDelaysThePoolerNoMore) {
  scripts_["db"]->answer = [] { return Error{ErrorKind::kTimeout, "frozen"}; };
  for (int i = 0; i < 3; ++i) Page({"db"});
  scripts_["db"]->block = true;
  const std::string page = Page({"pooler-a"});  // the clock stands still: it cannot wait
  EXPECT_THAT(page, HasSubstr("headroom_pool_waiting_clients{target=\"pooler-a\""));
  EXPECT_THAT(page, Not(HasSubstr(kAvailable)));
}

TEST_F(RoutesTest, OnePoolerThatIsDownTakesTheBudgetAndNotTheOthersRoom) {
  scripts_["pooler-b"]->answer = [] { return Error{ErrorKind::kConnect, "refused"}; };
  const std::string page = Page({});
  EXPECT_THAT(page, HasSubstr(kAvailable));
  EXPECT_THAT(page, Not(HasSubstr(kBudget)));
}

TEST_F(RoutesTest, AfterAReloadTheNewLinksHold) {
  Apply({});
  EXPECT_THAT(Page({"db"}), HasSubstr("pool=\"server\"} 120\n"));
}

TEST_F(RoutesTest, TheStatusPageShowsTheJoinedNumbers) {
  const std::string page = *Get("/", {}).get().body;
  EXPECT_THAT(page, HasSubstr("15 <span class=\"dim\">by pool size</span>"));
  EXPECT_THAT(page, HasSubstr("the poolers may open 240 connections here"));
}

constexpr char kRecommended[] = "headroom_workload_recommended_workers{workload=\"w\"} ";

TEST_F(RoutesTest, TheWholePageHasTheWorkloads) {
  AddWorkload("w", 3);
  const std::string page = Page({});
  EXPECT_THAT(page, HasSubstr(std::string(kRecommended) + "3\n"));
  EXPECT_THAT(page, HasSubstr("headroom_workload_limited{workload=\"w\",by=\"max\"} 0\n"
                              "headroom_workload_limited{workload=\"w\",by=\"pool\"} 0\n"));
}

TEST_F(RoutesTest, AWorkloadAloneAsksWhatItNeedsAndShowsItself) {
  AddWorkload("w", 3);
  AddWorkload("x", 4);
  const std::string page = Page({"workload:w"});
  EXPECT_THAT(page, HasSubstr(std::string(kRecommended) + "3\n"));
  EXPECT_THAT(page, Not(HasSubstr("workload=\"x\"")));
  EXPECT_THAT(page, Not(HasSubstr("target=")));
  EXPECT_THAT(page, Not(HasSubstr("process_")));
  EXPECT_EQ(scripts_["db"]->started, 1);
  EXPECT_EQ(scripts_["pooler-a"]->started, 1);
  EXPECT_EQ(scripts_["pooler-b"]->started, 0);
}

TEST_F(RoutesTest, ATargetAloneShowsNoWorkload) {
  AddWorkload("w", 3);
  EXPECT_THAT(Page({"pooler-a"}), Not(HasSubstr("headroom_workload_")));
}

TEST_F(RoutesTest, AWorkloadBesideATargetShowsBoth) {
  AddWorkload("w", 3);
  const std::string page = Page({"workload:w", "pooler-a"});
  EXPECT_THAT(page, HasSubstr(kRecommended));
  EXPECT_THAT(page, HasSubstr(kAvailable));
  EXPECT_THAT(page, Not(HasSubstr("target=\"db\"")));
}

TEST_F(RoutesTest, AnUnknownServerHoldsTheRecommendationAndNotTheMinimum) {
  AddWorkload("w", 3);
  scripts_["db"]->answer = [] { return Error{ErrorKind::kConnect, "refused"}; };
  const std::string page = Page({"workload:w"});
  EXPECT_THAT(page, Not(HasSubstr(kRecommended)));
  EXPECT_THAT(page, Not(HasSubstr("headroom_workload_limited")));
  EXPECT_THAT(page, HasSubstr("headroom_workload_minimum_workers{workload=\"w\"} 3\n"));
}

TEST_F(RoutesTest, AnUnknownWorkloadIsRefused) {
  AddWorkload("w", 3);
  const HttpResponse response = Get("/metrics", {"workload:v"}).get();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(scripts_["db"]->started, 0);
}

TEST_F(RoutesTest, WorkloadsChangeWithTheConfiguration) {
  AddWorkload("w", 3);
  workloads_.clear();
  AddWorkload("w", 5);
  EXPECT_THAT(Page({"workload:w"}), HasSubstr(std::string(kRecommended) + "5\n"));
}

TEST_F(RoutesTest, TheStatusPageSaysWhy) {
  AddWorkload("w", 3);
  EXPECT_THAT(*Get("/", {}).get().body, HasSubstr("<h3>Why: w</h3>"));
}

}  // namespace
}  // namespace headroom
