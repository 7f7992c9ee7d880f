// What holds in each combination of known and unknown inputs, with its numbers. docs/workloads.md
// says the same by kind; the second test reads its table and holds it to the formulas.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "test/support/workload.h"

namespace headroom {
namespace {

// What an input can be beside a number. U is unknown in what is expected, too: a series that is
// absent.
constexpr int U = -1;  // unknown in this run
constexpr int N = -2;  // there is no such thing: of the queue's kind, of the workload
constexpr int L = -3;  // pools: without a limit
constexpr int H = -4;  // pools: unknown, with pool_when_unknown = "hold"
constexpr int I = -5;  // pools: unknown, with pool_when_unknown = "ignore"

std::optional<std::uint64_t> Known(int number) {
  if (number == U) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

struct Expected {
  int messages, busy, backlog, wanted, cap, recommended, minimum;
  char limited;  // 'M' by max, 'P' by the pool, 'B' by both, '-' by none, 'U' absent
};

// 10 messages per worker, min 2, max 40, one connection per worker; the queue `orders`, a second
// queue without messages in flight and consumers, a worker group, one pool.
struct Row {
  int ready, in_flight, consumers, second, group, pool, floor;
  Expected expected;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << "ready " << row.ready << ", in flight " << row.in_flight << ", consumers "
       << row.consumers << ", second queue " << row.second << ", group " << row.group << ", pool "
       << row.pool << ", floor " << row.floor;
}

struct Case {
  WorkloadOptions options;
  WorkloadInputs inputs;
};

QueueInput FirstQueue(const Row& row) {
  QueueInput queue;
  queue.ready = Known(row.ready);
  queue.has_in_flight = row.in_flight != N;
  if (queue.has_in_flight) queue.in_flight = Known(row.in_flight);
  queue.has_consumers = row.consumers != N;
  if (queue.has_consumers) queue.consumers = Known(row.consumers);
  return queue;
}

Case MakeCase(const Row& row) {
  Case made;
  made.options = test::Workload(10, 2, 40);
  made.options.queues = {{"broker", "orders"}};
  made.inputs.queues = {FirstQueue(row)};
  if (row.second != N) {
    made.options.queues.push_back({"main", "jobs"});
    made.inputs.queues.push_back(test::ListInput(Known(row.second)));
  }
  if (row.group != N) {
    made.options.worker_group = WorkloadGroup{"main", "workers", {"working"}};
    made.inputs.group.busy = made.inputs.group.live = Known(row.group);
  }
  if (row.pool == I) made.options.pool_when_unknown = WhenPoolUnknown::kIgnore;
  if (row.pool != N) made.inputs.cap = {test::PoolOf(row.pool == L, row.pool)};
  made.inputs.floor.workers = row.floor;
  return made;
}

int Number(const std::optional<std::uint64_t>& number) {
  return number ? static_cast<int>(*number) : U;
}

char Letter(const std::optional<Limited>& limited) {
  if (!limited) return 'U';
  if (limited->max) return limited->pool ? 'B' : 'M';
  return limited->pool ? 'P' : '-';
}

class UnknownInputs : public testing::TestWithParam<Row> {};

TEST_P(UnknownInputs, MakeUnknownJustWhatNeedsThem) {
  const Case made = MakeCase(GetParam());
  const WorkloadResult result = Evaluate(made.options, made.inputs);
  const Expected& expected = GetParam().expected;
  EXPECT_EQ(Number(result.backlog_messages), expected.messages);
  EXPECT_EQ(Number(result.busy_workers), expected.busy);
  EXPECT_EQ(Number(result.backlog_workers), expected.backlog);
  EXPECT_EQ(Number(result.wanted_workers), expected.wanted);
  EXPECT_EQ(Number(result.pool_cap_workers), expected.cap);
  EXPECT_EQ(Number(result.recommended_workers), expected.recommended);
  EXPECT_EQ(static_cast<int>(result.minimum_workers), expected.minimum);
  EXPECT_EQ(static_cast<int>(result.floor_workers), GetParam().floor);
  EXPECT_EQ(Letter(result.limited), expected.limited);
}

const Row kRows[] = {
    // ready, in flight, consumers, second, group, pool, floor,
    //     {messages, busy, backlog, wanted, cap, recommended, minimum, limited}
    {100, 20, 17, 30, N, N, 0, {150, 17, 17, 17, U, 17, 2, '-'}},
    {100, 20, 17, 30, N, N, 30, {150, 17, 17, 30, U, 30, 30, '-'}},
    {100, 20, 17, 30, N, L, 0, {150, 17, 17, 17, U, 17, 2, '-'}},
    {100, 20, 17, 30, N, L, 30, {150, 17, 17, 30, U, 30, 30, '-'}},
    {100, 20, 17, 30, N, 12, 0, {150, 17, 17, 17, 12, 12, 2, 'P'}},
    {100, 20, 17, 30, N, 12, 30, {150, 17, 17, 30, 12, 12, 12, 'P'}},
    {100, 20, 17, 30, N, 1, 0, {150, 17, 17, 17, 1, 2, 2, 'P'}},
    {100, 20, 17, 30, N, 1, 30, {150, 17, 17, 30, 1, 2, 2, 'P'}},
    {100, 20, 17, 30, N, 0, 0, {150, 17, 17, 17, 0, 2, 2, 'P'}},
    {100, 20, 17, 30, N, 0, 30, {150, 17, 17, 30, 0, 2, 2, 'P'}},
    {0, 0, 0, 0, N, 12, 0, {0, 0, 0, 2, 12, 2, 2, '-'}},
    {0, 0, 0, N, N, N, 0, {0, 0, 0, 2, U, 2, 2, '-'}},
    {500, 20, 20, N, N, N, 0, {520, 20, 52, 52, U, 40, 2, 'M'}},
    {500, 20, 20, N, N, 45, 0, {520, 20, 52, 52, 45, 40, 2, 'B'}},
    {500, 20, 20, N, N, 30, 60, {520, 20, 52, 60, 30, 30, 30, 'B'}},
    {0, 10, 10, N, N, 8, 0, {10, 10, 10, 10, 8, 8, 2, 'P'}},
    {U, 20, 17, 30, N, N, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, U, 17, 30, N, N, 0, {U, U, U, U, U, U, 2, 'U'}},
    {100, 20, U, 30, N, N, 0, {150, U, U, U, U, U, 2, 'U'}},
    {100, 20, 17, U, N, N, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, 20, 17, 30, U, N, 0, {150, U, U, U, U, U, 2, 'U'}},
    {U, 20, 17, 30, N, 12, 0, {U, 17, U, U, 12, U, 2, 'U'}},
    {100, U, 17, 30, N, 12, 0, {U, U, U, U, 12, U, 2, 'U'}},
    {100, 20, U, 30, N, 12, 0, {150, U, U, U, 12, U, 2, 'U'}},
    {100, 20, 17, U, N, 12, 0, {U, 17, U, U, 12, U, 2, 'U'}},
    {100, 20, 17, 30, U, 12, 0, {150, U, U, U, 12, U, 2, 'U'}},
    {U, 20, 17, 30, N, H, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, U, 17, 30, N, H, 0, {U, U, U, U, U, U, 2, 'U'}},
    {100, 20, U, 30, N, H, 0, {150, U, U, U, U, U, 2, 'U'}},
    {100, 20, 17, U, N, H, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, 20, 17, 30, U, H, 0, {150, U, U, U, U, U, 2, 'U'}},
    {100, 20, 17, 30, N, H, 0, {150, 17, 17, 17, U, U, 2, 'U'}},
    {U, 20, 17, 30, N, I, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, U, 17, 30, N, I, 0, {U, U, U, U, U, U, 2, 'U'}},
    {100, 20, U, 30, N, I, 0, {150, U, U, U, U, U, 2, 'U'}},
    {100, 20, 17, U, N, I, 0, {U, 17, U, U, U, U, 2, 'U'}},
    {100, 20, 17, 30, U, I, 0, {150, U, U, U, U, U, 2, 'U'}},
    {100, 20, 17, 30, N, I, 0, {150, 17, 17, 17, U, 17, 2, '-'}},
    {100, N, N, 30, N, N, 0, {130, 0, 13, 13, U, 13, 2, '-'}},
    {100, N, 17, 30, N, N, 0, {130, 0, 13, 13, U, 13, 2, '-'}},
    {100, 20, N, 30, N, N, 0, {150, 0, 15, 15, U, 15, 2, '-'}},
    {100, U, N, 30, N, N, 0, {U, 0, U, U, U, U, 2, 'U'}},
    {100, N, U, 30, N, N, 0, {130, 0, 13, 13, U, 13, 2, '-'}},
    {U, N, N, 30, N, 12, 0, {U, 0, U, U, 12, U, 2, 'U'}},
    {U, N, N, 30, N, 12, 30, {U, 0, U, U, 12, U, 12, 'U'}},
    {100, 20, U, 30, 7, N, 0, {150, 7, 15, 15, U, 15, 2, '-'}},
    {100, 20, 17, 30, 25, N, 0, {150, 25, 25, 25, U, 25, 2, '-'}},
    {100, 20, 17, 30, 25, 12, 0, {150, 25, 25, 25, 12, 12, 2, 'P'}},
    {100, U, U, 30, 25, 12, 30, {U, 25, U, U, 12, U, 12, 'U'}},
    {100, N, N, N, U, 12, 30, {100, U, U, U, 12, U, 12, 'U'}},
    {U, N, N, N, 25, 12, 30, {U, 25, U, U, 12, U, 12, 'U'}},
    {0, N, N, N, 9, N, 0, {0, 9, 9, 9, U, 9, 2, '-'}},
    {0, N, N, N, 0, N, 0, {0, 0, 0, 2, U, 2, 2, '-'}},
    {100, N, N, N, U, H, 30, {100, U, U, U, U, U, 30, 'U'}},
    {U, U, U, U, U, N, 30, {U, U, U, U, U, U, 30, 'U'}},
    {U, U, U, U, U, 12, 30, {U, U, U, U, 12, U, 12, 'U'}},
    {U, U, U, U, U, H, 30, {U, U, U, U, U, U, 30, 'U'}},
    {U, U, U, U, U, I, 30, {U, U, U, U, U, U, 30, 'U'}},
    {100, 20, 17, 30, N, H, 30, {150, 17, 17, 30, U, U, 30, 'U'}},
    {100, 20, 17, 30, N, I, 30, {150, 17, 17, 30, U, 30, 30, '-'}},
    {U, U, U, U, U, N, 60, {U, U, U, U, U, U, 40, 'U'}},
    {U, U, U, U, U, 12, 60, {U, U, U, U, 12, U, 12, 'U'}},
    {U, U, U, U, U, H, 60, {U, U, U, U, U, U, 40, 'U'}},
    {U, U, U, U, U, I, 60, {U, U, U, U, U, U, 40, 'U'}},
    {100, 20, 17, 30, N, H, 60, {150, 17, 17, 60, U, U, 40, 'U'}},
    {100, 20, 17, 30, N, I, 60, {150, 17, 17, 60, U, 40, 40, 'M'}},
    {0, 20, U, N, N, N, 0, {20, U, U, U, U, U, 2, 'U'}},
    {0, U, 0, N, N, N, 0, {U, U, U, U, U, U, 2, 'U'}},
    {0, 0, U, N, N, 12, 0, {0, U, U, U, 12, U, 2, 'U'}},
    {0, U, U, N, 15, L, 0, {U, 15, U, U, U, U, 2, 'U'}},
    {U, 0, 0, N, N, L, 0, {U, 0, U, U, U, U, 2, 'U'}},
    {500, 20, 20, N, N, H, 0, {520, 20, 52, 52, U, U, 2, 'U'}},
    {500, 20, 20, N, N, I, 0, {520, 20, 52, 52, U, 40, 2, 'M'}},
    {500, 20, 20, U, N, I, 60, {U, 20, U, U, U, U, 40, 'U'}},
};

INSTANTIATE_TEST_SUITE_P(Table, UnknownInputs, testing::ValuesIn(kRows));

// The two tables of the documentation: from what is read to what is counted, and from that to the
// rest. Their cells are words; "any" covers every word, "a or b" both.
using Words = std::vector<std::string>;

std::vector<std::string> Split(std::string text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; (end = text.find(separator)) != std::string::npos;) {
    parts.push_back(text.substr(0, end));
    text.erase(0, end + separator.size());
  }
  parts.push_back(text);
  return parts;
}

Words Cells(const std::string& line) {
  Words cells;
  for (const std::string& cell : Split(line.substr(1, line.size() - 2), "|")) {
    const auto first = cell.find_first_not_of(' ');
    cells.push_back(cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return cells;
}

// The rows of the table whose head begins so.
std::vector<Words> TableOf(const std::string& head) {
  std::ifstream file(std::string(HEADROOM_SOURCE_DIR) + "/docs/workloads.md");
  std::vector<Words> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    inside = line.starts_with(head) || (inside && line.starts_with("|"));
    if (inside) rows.push_back(Cells(line));
  }
  rows.erase(rows.begin(), rows.begin() + std::min<std::ptrdiff_t>(2, std::ssize(rows)));
  return rows;
}

bool Covers(const std::string& cell, const std::string& word) {
  const Words words = Split(cell, " or ");
  return cell == "any" || std::find(words.begin(), words.end(), word) != words.end();
}

// What stands behind these inputs in the only row that covers them.
Words Lookup(const std::vector<Words>& rows, const Words& inputs) {
  std::vector<Words> found;
  for (const Words& row : rows) {
    if (std::equal(
            inputs.begin(), inputs.end(), row.begin(),
            [](const std::string& word, const std::string& cell) { return Covers(cell, word); })) {
      found.emplace_back(row.begin() + std::ssize(inputs), row.end());
    }
  }
  EXPECT_EQ(found.size(), 1U) << "rows that cover " << testing::PrintToString(inputs);
  return found.size() == 1 ? found[0] : Words();
}

struct Kind {
  const char* word;
  int value;
};
constexpr Kind kReady[] = {{"known", 100}, {"unknown", U}};
constexpr Kind kInFlight[] = {{"known", 20}, {"unknown", U}, {"no such state", N}};
constexpr Kind kConsumers[] = {{"known", 17}, {"unknown", U}, {"no such thing", N}};
constexpr Kind kGroup[] = {{"known", 9}, {"unknown", U}, {"none", N}};
constexpr Kind kPools[] = {{"known", 12},
                           {"unlimited", L},
                           {"none", N},
                           {"unknown with hold", H},
                           {"unknown with ignore", I}};

std::string Word(bool known) { return known ? "number" : "absent"; }

Words Counted(const WorkloadResult& result) {
  return {Word(result.backlog_messages.has_value()), Word(result.busy_workers.has_value()),
          Word(result.live_workers.has_value())};
}

Words Recommended(const WorkloadResult& result) {
  return {Word(result.backlog_workers.has_value()),
          Word(result.wanted_workers.has_value()),
          Word(result.pool_cap_workers.has_value()),
          Word(result.recommended_workers.has_value()),
          Word(result.limited.has_value()),
          Word(result.expected_drain_seconds.has_value()),
          "number"};
}

struct DocumentedTables : testing::Test {
  void Check(const Kind& ready, const Kind& in_flight, const Kind& consumers, const Kind& group,
             const Kind& pools) const {
    Case made = MakeCase(
        {ready.value, in_flight.value, consumers.value, N, group.value, pools.value, 0, {}});
    made.options.service_time = std::chrono::minutes(1);
    const WorkloadResult result = Evaluate(made.options, made.inputs);
    const Words counted =
        Lookup(counting, {ready.word, in_flight.word, consumers.word, group.word});
    EXPECT_EQ(Counted(result), counted);
    Words inputs = counted;  // backlog and busy workers; the live ones decide nothing
    inputs.back() = pools.word;
    EXPECT_EQ(Recommended(result), Lookup(recommending, inputs));
  }

  const std::vector<Words> counting = TableOf("| ready | in flight |");
  const std::vector<Words> recommending = TableOf("| backlog_messages | busy_workers |");
};

TEST_F(DocumentedTables, HaveOneRowForEveryCombinationAndItHoldsAsTheySay) {
  for (const Kind& ready : kReady) {
    for (const Kind& in_flight : kInFlight) {
      for (const Kind& consumers : kConsumers) {
        for (const Kind& group : kGroup) {
          for (const Kind& pools : kPools) Check(ready, in_flight, consumers, group, pools);
        }
      }
    }
  }
}

}  // namespace
}  // namespace headroom
