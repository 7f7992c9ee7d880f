#include "exporter/simulate/plot_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "collectors/options.h"
#include "exporter/workload/wide.h"

namespace headroom {
namespace {

constexpr std::size_t kColumns = 68;
constexpr std::size_t kRows = 8;

struct Column {
  std::uint64_t in_flight = 0;
  std::uint64_t backlog = 0;
  std::uint64_t working = 0;
  std::uint64_t pods = 0;
  std::uint64_t recommended = 0;
};

// Each has the largest of its part of time.
std::vector<Column> ColumnsOf(const std::vector<Moment>& curve) {
  std::vector<Column> columns(kColumns);
  // What a moment says of the time before it belongs to the column before it.
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const Moment& m = curve[i];
    Column& before = columns[(i == 0 ? 0 : i - 1) * kColumns / curve.size()];
    before.backlog = std::max(before.backlog, m.most_backlog);
    Column& column = columns[i * kColumns / curve.size()];
    column.in_flight = std::max(column.in_flight, m.in_flight);
    column.working = std::max(column.working, m.working);
    column.pods = std::max(column.pods, m.starting + m.working + m.stopping);
    if (m.says.recommended_workers) {
      column.recommended = std::max(column.recommended, *m.says.recommended_workers);
    }
  }
  return columns;
}

// The rows that a number fills: none for 0, at least one for any other.
std::size_t Height(std::uint64_t number, std::uint64_t most) {
  return static_cast<std::size_t>(
      DivideUp(static_cast<Wide>(number) * kRows, static_cast<Wide>(most)));
}

using Canvas = std::array<std::string, kRows>;

void Fill(Canvas& canvas, std::size_t column, std::size_t from, std::size_t until, char with) {
  for (std::size_t row = from; row < until; ++row) canvas[row][column] = with;
}

Canvas EmptyCanvas() {
  Canvas canvas;
  canvas.fill(std::string(kColumns, ' '));
  return canvas;
}

std::string Framed(const Canvas& canvas, std::string_view title, std::uint64_t most, Duration end) {
  std::string text = fmt::format("\n{}\n", title);
  for (std::size_t row = kRows; row-- > 0;) {
    const std::string line = canvas[row].substr(0, canvas[row].find_last_not_of(' ') + 1);
    text += fmt::format("{:>10} |{}\n", row + 1 == kRows ? fmt::to_string(most) : "", line);
  }
  const std::string last = FormatDuration(end);
  return text +
         fmt::format("{:>10} +{:-<{}}\n{:>12}0s{:>{}}\n", 0, "", kColumns, "", last, kColumns - 2);
}

}  // namespace

std::string PlotText(const Outcome& outcome) {
  const std::vector<Column> columns = ColumnsOf(outcome.curve);
  std::uint64_t most_messages = 1;
  std::uint64_t most_workers = 1;
  for (const Column& c : columns) {
    most_messages = std::max({most_messages, c.backlog, c.in_flight});
    most_workers = std::max({most_workers, c.pods, c.recommended});
  }
  Canvas messages = EmptyCanvas();
  Canvas workers = EmptyCanvas();
  for (std::size_t i = 0; i < kColumns; ++i) {
    const Column& c = columns[i];
    const std::size_t in_flight = Height(c.in_flight, most_messages);
    Fill(messages, i, 0, in_flight, '.');
    Fill(messages, i, in_flight, std::max(in_flight, Height(c.backlog, most_messages)), '#');
    const std::size_t working = Height(c.working, most_workers);
    const std::size_t pods = std::max(working, Height(c.pods, most_workers));
    const std::size_t recommended = Height(c.recommended, most_workers);
    Fill(workers, i, 0, working, '#');
    Fill(workers, i, working, pods, 'o');
    if (recommended > pods) workers[recommended - 1][i] = '-';
  }
  const Duration end = outcome.curve.back().at;
  return Framed(messages, "messages: # waiting, . in flight", most_messages, end) +
         Framed(workers, "workers: # working, o starting or stopping, - recommended", most_workers,
                end);
}

}  // namespace headroom
