#include "exporter/pressure/pressure_families.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition/text_writer.h"
#include "exporter/pool_room.h"

namespace headroom {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kTargetLabels = {"target", "system"};
constexpr std::array<string_view, 7> kQueueLabels = {"target", "system",         "queue", "vhost",
                                                     "db",     "consumer_group", "state"};
constexpr std::array<string_view, 6> kPoolLabels = {"target", "system",   "scope",
                                                    "pool",   "database", "user"};

enum Index : std::size_t { kSaturated, kWaiting, kObserved, kMessages, kCount };

constexpr std::array<FamilyDesc, kCount> kFamilies = {{
    {"headroom_pool_saturated_seconds_total",
     "Time in which clients of the pool had to wait, or would have been turned away.",
     MetricType::kCounter, kPoolLabels},
    {"headroom_pool_waiting_client_seconds_total",
     "Area under the number of clients that wait for a connection.", MetricType::kCounter,
     kPoolLabels},
    {"headroom_pressure_observed_seconds_total",
     "Time that the pressure counters of the target cover; divide by it.", MetricType::kCounter,
     kTargetLabels},
    {"headroom_queue_message_seconds_total", "Area under the number of messages, by state.",
     MetricType::kCounter, kQueueLabels},
}};

// The place of a level in Levels.
enum QueueLevel : std::size_t { kInFlightLevel, kReadyLevel };
enum PoolLevel : std::size_t { kSaturatedLevel, kWaitingLevel };

std::optional<std::uint64_t> Saturated(const Pool& pool) {
  if (pool.has_waiting) {
    if (!pool.waiting_clients) return std::nullopt;
    return *pool.waiting_clients > 0 ? 1 : 0;
  }
  const auto total = TotalConnections(pool);
  if (!total || !pool.max_known || !pool.max_connections) return std::nullopt;
  if (*pool.max_connections == 0) return std::nullopt;
  std::uint64_t taken = *total;
  if (pool.scope == PoolScope::kServer) taken = SaturatingAdd(taken, pool.own_sessions);
  if (pool.reserved_connections) taken = SaturatingAdd(taken, *pool.reserved_connections);
  return taken >= *pool.max_connections ? 1 : 0;
}

void AddPools(PoolLevel level, const Rows<Pool>& pools, const std::vector<AreaSeconds>& areas,
              BlockBuilder& out) {
  for (std::size_t i = 0; i < pools.rows.size(); ++i) {
    const std::optional<double>& seconds = areas[i][level];
    if (seconds) out.Add(pools.LabelsOf(pools.rows[i]), {}, *seconds);
  }
}

void AddQueues(const Rows<Queue>& queues, const std::vector<AreaSeconds>& areas,
               BlockBuilder& out) {
  constexpr std::array<ExtraLabel, kLevels> kStates = {
      {{"state", "in_flight"}, {"state", "ready"}}};
  for (std::size_t i = 0; i < queues.rows.size(); ++i) {
    for (const QueueLevel level : {kInFlightLevel, kReadyLevel}) {
      const std::optional<double>& seconds = areas[i][level];
      if (seconds) out.Add(queues.LabelsOf(queues.rows[i]), {&kStates[level], 1}, *seconds);
    }
  }
}

// A line of these families beside its labels: the longest name, a state, a number.
constexpr std::size_t kLineBytes = 90;

}  // namespace

Levels LevelsOf(const Queue& queue) {
  Levels levels;
  levels[kInFlightLevel] = queue.in_flight;
  levels[kReadyLevel] = queue.ready;
  return levels;
}

Levels LevelsOf(const Pool& pool) {
  Levels levels;
  levels[kSaturatedLevel] = Saturated(pool);
  levels[kWaitingLevel] = pool.waiting_clients;
  return levels;
}

std::size_t PressureSeriesOf(const Queue& queue) {
  return (queue.in_flight ? 1U : 0U) + (queue.ready ? 1U : 0U);
}

Blocks RenderPressure(const Rows<Queue>& queues, const Rows<Pool>& pools,
                      const Integrator::Areas& areas, double observed_seconds,
                      std::string_view common) {
  const std::size_t lines = queues.rows.size() + 2 * pools.rows.size() + 1;
  BlockBuilder out(queues.text.size() + 2 * pools.text.size() + lines * kLineBytes);
  out.Begin(kFamilies[kSaturated]);
  AddPools(kSaturatedLevel, pools, areas.pools, out);
  out.End();
  out.Begin(kFamilies[kWaiting]);
  AddPools(kWaitingLevel, pools, areas.pools, out);
  out.End();
  out.Begin(kFamilies[kObserved]);
  out.Add(common, {}, observed_seconds);
  out.End();
  out.Begin(kFamilies[kMessages]);
  AddQueues(queues, areas.queues, out);
  out.End();
  return std::move(out).Take();
}

std::span<const FamilyDesc> PressureFamilies() { return kFamilies; }

}  // namespace headroom
