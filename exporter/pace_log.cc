#include "exporter/pace_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "collectors/options.h"

namespace headroom {
namespace {

// A cost that wavers around what is allowed is one state, not two that alternate: it must be so
// much over the limit to enter a state, and under it to leave.
constexpr double kOver = 1.2;

bool Over(Duration value, Duration limit, bool already) {
  return std::chrono::duration<double>(value) >
         std::chrono::duration<double>(limit) * (already ? 1 : kOver);
}

std::string Words(Duration duration) {
  using std::chrono::milliseconds;
  return FormatDuration(std::max(std::chrono::round<milliseconds>(duration), milliseconds(1)));
}

}  // namespace

PaceLog::PaceLog(const Logger& logger, std::string target, std::string system)
    : logger_(logger), target_(std::move(target)), system_(std::move(system)) {}

PaceLog::State PaceLog::StateOf(const SamplePace& pace) const {
  if (pace.Blind()) return State::kBlind;
  const bool slower = Over(pace.Every(), pace.interval, said_ != State::kAsConfigured);
  return slower ? State::kSlower : State::kAsConfigured;
}

void PaceLog::OnRun(const Snapshot& run) {
  if (!run.ok() || !run.pace) return;
  const State state = StateOf(*run.pace);
  const bool worse = state > said_;
  const bool goes_on = lasting_ != said_ && state != said_ && worse == (lasting_ > said_);
  if (goes_on) {
    lasting_ = worse ? std::min(lasting_, state) : std::max(lasting_, state);
  } else {
    lasting_ = state;
    since_ = run.replied;
  }
  if (lasting_ == said_ || run.replied - since_ < (worse ? kWorseFor : kBetterFor)) return;
  Say(lasting_, *run.pace);
  said_ = lasting_;
}

void PaceLog::Say(State state, const SamplePace& pace) const {
  if (state == State::kAsConfigured) {
    logger_.Log(
        LogLevel::kInfo, "sampled as often as configured again",
        {{"target", target_}, {"system", system_}, {"every", FormatDuration(pace.interval)}});
    return;
  }
  const std::string_view raise =
      pace.max_duty < 1 ? "sample_interval or max_duty" : "sample_interval";
  std::string why = fmt::format(
      "sampled every {} instead of {}: a run takes {} and max_duty is {}; raise {}",
      Words(pace.Every()), FormatDuration(pace.interval), Words(pace.cost), pace.max_duty, raise);
  if (state == State::kBlind) {
    why += fmt::format(
        "; until then nothing is observed, since samples more than {} apart do not "
        "count",
        FormatDuration(pace.LongestGap()));
  }
  logger_.Log(LogLevel::kWarn, "sampled less often than configured",
              {{"target", target_}, {"system", system_}, {"why", why}});
}

}  // namespace headroom
