#include "exporter/control.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <vector>

namespace headroom {
namespace {

// The signals stay pending until Wait() reads them: Control blocks them for this thread.
TEST(Control, ReloadsForHangupAndReturnsTheSignalThatEnds) {
  Control control;
  int reloads = 0;
  raise(SIGHUP);
  const int ended = control.Wait([&]() -> Status {
    ++reloads;
    raise(SIGTERM);
    return Ok{};
  });
  EXPECT_EQ(ended, SIGTERM);
  EXPECT_EQ(reloads, 1);
}

TEST(Control, OneReloadAnswersAllWhoAskedBefore) {
  Control control;
  int reloads = 0;
  std::vector<Status> answers;
  for (int i = 0; i < 2; ++i) {
    control.RequestReload([&](Status status) {
      answers.push_back(std::move(status));
      if (answers.size() == 2) raise(SIGINT);
    });
  }
  const int ended = control.Wait([&]() -> Status {
    ++reloads;
    return Error{ErrorKind::kInternal, "bad file"};
  });
  EXPECT_EQ(ended, SIGINT);
  EXPECT_EQ(reloads, 1);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].error().message, "bad file");
}

}  // namespace
}  // namespace headroom
