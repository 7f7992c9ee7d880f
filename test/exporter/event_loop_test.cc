#include "exporter/event_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include "test/support/fake_clock.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;

class EventLoopTest : public testing::Test {
 protected:
  // Everything that was due has run.
  void Settle() {
    std::promise<void> done;
    loop_.Post([&done] { done.set_value(); });
    done.get_future().wait();
  }

  test::FakeClock clock_;
  std::vector<int> ran_;
  std::vector<std::string> logged_;
  EventLoop loop_{clock_, [this](std::string_view text) { logged_.emplace_back(text); }};
};

TEST_F(EventLoopTest, RunsInTheOrderOfTimeThenOfArrival) {
  const SteadyTime now = clock_.Now();
  loop_.At(now + 2s, [this] { ran_.push_back(3); });
  loop_.At(now + 1s, [this] { ran_.push_back(1); });
  loop_.At(now + 1s, [this] { ran_.push_back(2); });
  clock_.Advance(2s);
  std::promise<void> done;
  loop_.At(now + 2s, [&done] { done.set_value(); });
  done.get_future().wait();
  EXPECT_EQ(ran_, (std::vector<int>{1, 2, 3}));
}

TEST_F(EventLoopTest, ACancelledTimerDoesNotRun) {
  const auto timer = loop_.At(clock_.Now() + 1s, [this] { ran_.push_back(1); });
  loop_.Cancel(timer);
  clock_.Advance(2s);
  Settle();
  loop_.Cancel(timer);  // a second time: no effect
  EXPECT_TRUE(ran_.empty());
}

TEST_F(EventLoopTest, AnExceptionEndsItsTaskAloneAndGivesUpWhatItOwned) {
  auto owned = std::make_shared<int>(0);
  loop_.Post([owned] { throw std::runtime_error("boom"); });
  loop_.Post([owned] { throw 1; });  // NOLINT: a library may
  Settle();
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(logged_, (std::vector<std::string>{
                         "a page could not be made: boom",
                         "a page could not be made: an exception of an unknown type"}));
}

TEST_F(EventLoopTest, StopDropsWhatWaits) {
  auto owned = std::make_shared<int>(0);
  loop_.At(clock_.Now() + 1h, [owned, this] { ran_.push_back(1); });
  loop_.Stop();
  EXPECT_EQ(owned.use_count(), 1);
  loop_.Post([owned, this] { ran_.push_back(2); });
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_TRUE(ran_.empty());
}

}  // namespace
}  // namespace headroom
