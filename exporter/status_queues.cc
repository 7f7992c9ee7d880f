#include "exporter/status_queues.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "exporter/status_rows.h"

namespace headroom {
namespace {

RowRank RankOf(const Queue& q) {
  if (!q.ready || (q.has_in_flight && !q.in_flight)) return RowRank::kUnknown;
  if (q.missing == true || q.running == false) return RowRank::kStriking;
  return RowRank::kOrdinary;
}

// Only to put the rows of one rank in order: what is known of it.
std::uint64_t KnownBacklog(const Queue& q) {
  return (q.ready ? *q.ready : 0) + (q.in_flight ? *q.in_flight : 0);
}

struct Row {
  const Queue* queue;
  RowRank rank;
  std::uint64_t backlog;
};

std::vector<Row> RowsOf(const Reading& reading) {
  std::vector<Row> rows;
  rows.reserve(reading.queues.size());
  for (const Queue& q : reading.queues) rows.push_back({&q, RankOf(q), KnownBacklog(q)});
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.backlog > b.backlog;
  });
  return rows;
}

void QueueRow(Html& html, const Queue& q, RowRank rank) {
  html.Raw("<tr><td>");
  if (!q.vhost.empty()) html.Text(q.vhost).Raw(" ");
  html.Text(q.name).Raw("</td><td>").Text(q.kind);
  if (q.missing == true) html.Raw(" <span class=\"down\">missing</span>");
  if (q.running == false) {
    html.Raw(" <span class=\"down\">down</span>");
  } else if (rank == RowRank::kUnknown) {  // a dash alone may mean "not counted by this kind"
    html.Raw(" <span class=\"down\">unknown</span>");
  }
  html.Raw("</td>");
  NumberCell(html, q.ready);
  NumberCell(html, q.in_flight);
  NumberCell(html, q.delayed);
  NumberCell(html, q.consumers);
  SecondsCell(html, q.oldest_message_age_seconds);
  html.Raw("</tr>\n");
}

}  // namespace

void AppendQueues(Html& html, const Reading& reading) {
  if (reading.queues.empty()) return;
  html.Raw("<table><tr><th>queue</th><th>kind</th><th class=\"n\">ready</th>");
  html.Raw(
      "<th class=\"n\">in flight</th><th class=\"n\">delayed</th><th class=\"n\">consumers</th>");
  html.Raw("<th class=\"n\">oldest</th></tr>\n");
  LeftOut left_out{};
  RowCap cap(left_out);
  for (const Row& row : RowsOf(reading)) {
    if (cap.Take(row.rank)) QueueRow(html, *row.queue, row.rank);
  }
  html.Raw("</table>\n");
  AppendLeftOut(html, left_out);
}

}  // namespace headroom
