#include "exporter/backoff.h"

#include <gtest/gtest.h>

namespace headroom {
namespace {

using std::chrono::seconds;

const SteadyTime kNow{seconds(100)};

TEST(Backoff, TwoFailuresDoNotStartIt) {
  Backoff backoff(1);
  backoff.OnFailure(kNow);
  backoff.OnFailure(kNow);
  EXPECT_FALSE(backoff.active());
}

TEST(Backoff, DoublesFromOneSecondToThirtyWithJitterBelow) {
  Backoff backoff(1);
  backoff.OnFailure(kNow);
  backoff.OnFailure(kNow);
  for (const int expected : {1, 2, 4, 8, 16, 30, 30, 30}) {
    backoff.OnFailure(kNow);
    ASSERT_TRUE(backoff.active());
    const Duration delay = backoff.retry_at() - kNow;
    EXPECT_LE(delay, seconds(expected));
    EXPECT_GE(Seconds(delay), 0.8 * expected);
  }
}

TEST(Backoff, ManyFailuresStayAtTheLimit) {
  Backoff backoff(1);
  for (int i = 0; i < 100'000; ++i) backoff.OnFailure(kNow);
  EXPECT_LE(backoff.retry_at() - kNow, Backoff::kMaxDelay);
}

TEST(Backoff, OneSuccessResetsIt) {
  Backoff backoff(1);
  for (int i = 0; i < 5; ++i) backoff.OnFailure(kNow);
  backoff.OnSuccess();
  EXPECT_FALSE(backoff.active());
  backoff.OnFailure(kNow);
  EXPECT_FALSE(backoff.active());
}

TEST(Backoff, SeedsDoNotRetryInStep) {
  Backoff a(1);
  Backoff b(2);
  for (int i = 0; i < 8; ++i) {
    a.OnFailure(kNow);
    b.OnFailure(kNow);
  }
  EXPECT_NE(a.retry_at(), b.retry_at());
}

}  // namespace
}  // namespace headroom
