#include "exporter/exposition/reading_renderer.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "exporter/exposition/folded.h"
#include "exporter/exposition/labels.h"
#include "exporter/exposition/noun_families.h"
#include "exporter/exposition/places.h"
#include "exporter/exposition/rows.h"
#include "exporter/exposition/rows_sink.h"
#include "exporter/exposition/text_writer.h"

namespace headroom {
namespace {

// What will be written, and nothing else: only finite numbers, each label value clean, sorted,
// once.
void Normalise(Samples& samples, LabelCleaner& cleaner) {
  if (samples.empty()) return;
  std::erase_if(samples, [](const Sample& s) { return !IsWritable(s.value); });
  for (Sample& s : samples) {
    for (ExtraLabel& label : s.labels) label.value = cleaner.Clean(label.value);
  }
  if (samples.size() < 2) return;
  const auto values = [](const Sample& s) {
    return std::tie(s.labels[0].value, s.labels[1].value);
  };
  const auto before = [&values](const Sample& a, const Sample& b) { return values(a) < values(b); };
  if (!std::is_sorted(samples.begin(), samples.end(), before)) {
    std::stable_sort(samples.begin(), samples.end(), before);
  }
  const auto same = [&values](const Sample& a, const Sample& b) { return values(a) == values(b); };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
}

template <class Noun>
void Write(std::span<const NounFamily<Noun>> families, const Rows<Noun>& rows,
           const Noun* sum_of_folded, LabelCleaner& cleaner, BlockBuilder& out) {
  Samples samples;
  for (const NounFamily<Noun>& family : families) {
    out.Begin(family.desc);
    for (const Row<Noun>& row : rows.rows) {
      if (row.noun == sum_of_folded && !family.summed) continue;
      samples.clear();
      family.samples(*row.noun, samples);
      Normalise(samples, cleaner);
      for (const Sample& s : samples) out.Add(rows.LabelsOf(row), s.labels, s.value);
    }
    out.End();
  }
}

std::size_t SeriesOf(const Queue& queue, LabelCleaner& cleaner, Samples& scratch) {
  std::size_t series = 0;
  for (const NounFamily<Queue>& family : QueueFamilies()) {
    scratch.clear();
    family.samples(queue, scratch);
    Normalise(scratch, cleaner);
    series += scratch.size();
  }
  return series;
}

Places::Candidate CandidateOf(const Queue& queue, std::string_view key, std::size_t series) {
  Places::Candidate c;
  c.key = key;
  c.series = series;
  for (const std::optional<std::uint64_t>& part : {queue.ready, queue.in_flight}) {
    if (part && __builtin_add_overflow(c.backlog, *part, &c.backlog)) c.backlog = UINT64_MAX;
  }
  c.empty = queue.ready && (queue.in_flight || !queue.has_in_flight) && c.backlog == 0;
  return c;
}

struct Folding {
  std::vector<const Queue*> folded;
  std::size_t dropped_series = 0;
};

// Takes the rows of those discovered queues out that have no place.
Folding Fold(Rows<Queue>& queues, Places& places, LabelCleaner& cleaner, SteadyTime now,
             const RowsSink* sink) {
  Samples scratch;
  std::vector<Places::Candidate> candidates;
  for (const Row<Queue>& row : queues.rows) {
    if (row.noun->declared) continue;
    std::size_t series = SeriesOf(*row.noun, cleaner, scratch);
    if (sink != nullptr) series += sink->SeriesOf(*row.noun);
    candidates.push_back(CandidateOf(*row.noun, queues.LabelsOf(row), series));
  }
  const std::vector<bool> has_place = places.Assign(candidates, now);

  Folding result;
  std::size_t index = 0;  // of the row's candidate: erase_if goes through the rows in order, once
  std::erase_if(queues.rows, [&](const Row<Queue>& row) {
    if (row.noun->declared) return false;
    const std::size_t i = index++;
    if (has_place[i]) return false;
    result.folded.push_back(row.noun);
    result.dropped_series += candidates[i].series;
    return true;
  });
  return result;
}

struct FactRow {
  const FactDesc* desc;
  std::vector<std::string_view> values;  // cleaned
  double value;
};

void WriteFacts(std::span<const Fact> facts, std::string_view common, LabelCleaner& cleaner,
                BlockBuilder& out) {
  std::vector<FactRow> rows;
  rows.reserve(facts.size());
  for (const Fact& fact : facts) {
    assert(fact.desc != nullptr && fact.label_values.size() == fact.desc->labels.size());
    if (!IsWritable(fact.value)) continue;
    FactRow& row = rows.emplace_back(FactRow{fact.desc, {}, fact.value});
    row.values.reserve(fact.label_values.size());
    for (const std::string& value : fact.label_values) row.values.push_back(cleaner.Clean(value));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const FactRow& a, const FactRow& b) {
    return std::tie(a.desc->name, a.values) < std::tie(b.desc->name, b.values);
  });
  const auto same = [](const FactRow& a, const FactRow& b) {
    return a.desc->name == b.desc->name && a.values == b.values;
  };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());

  std::string labels;
  for (auto row = rows.begin(); row != rows.end(); ++row) {
    const bool first = row == rows.begin() || std::prev(row)->desc->name != row->desc->name;
    if (first) out.Begin(*row->desc);
    labels = common;
    for (std::size_t i = 0; i < row->values.size(); ++i) {
      // An empty label is none to Prometheus.
      if (!row->values[i].empty()) AppendLabel(labels, row->desc->labels[i], row->values[i]);
    }
    out.Add(labels, {}, row->value);
    const auto next = std::next(row);
    if (next == rows.end() || next->desc->name != row->desc->name) out.End();
  }
}

}  // namespace

ReadingRenderer::ReadingRenderer(std::string_view target, std::string_view system,
                                 std::size_t max_series)
    : common_labels_(TargetLabels(target, system)), places_(std::make_unique<Places>(max_series)) {}

ReadingRenderer::~ReadingRenderer() = default;

ReadingRenderer::Output ReadingRenderer::Render(const Reading& reading, SteadyTime now,
                                                RowsSink* sink) {
  LabelCleaner cleaner;
  Rows<Queue> queues = QueueRows(reading.queues, common_labels_, cleaner);
  const Folding folding = Fold(queues, *places_, cleaner, now, sink);
  const Rows<Pool> pools = PoolRows(reading.pools, common_labels_, cleaner);
  if (sink != nullptr) sink->OnRows(queues, pools);
  const Queue sum = SumOfFolded(folding.folded);
  if (!folding.folded.empty()) InsertOther(queues, sum, common_labels_);

  BlockBuilder out(last_bytes_ + last_bytes_ / 16);
  Write(QueueFamilies(), queues, &sum, cleaner, out);
  Write<WorkerGroup>(WorkerFamilies(), WorkerRows(reading.worker_groups, common_labels_, cleaner),
                     nullptr, cleaner, out);
  Write<Pool>(PoolFamilies(), pools, nullptr, cleaner, out);
  WriteFacts(reading.facts, common_labels_, cleaner, out);
  Output output{std::move(out).Take(), folding.dropped_series};
  last_bytes_ = output.blocks.text.size();
  return output;
}

}  // namespace headroom
