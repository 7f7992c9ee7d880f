#include "exporter/exposition/page.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>
#include <zlib.h>

#include <algorithm>
#include <new>
#include <optional>
#include <tuple>
#include <utility>

#include "exporter/exposition/labels.h"
#include "exporter/exposition/text_writer.h"

namespace headroom {
namespace {

// "# HELP  \n# TYPE  counter\n", the two names and the help aside.
constexpr std::size_t kHeadBytes = 26;

struct SourcedFamily {
  const FamilyBlock* family;
  const Blocks* source;
};

std::vector<SourcedFamily> SortedByName(std::span<const Blocks* const> sources) {
  std::vector<SourcedFamily> all;
  for (const Blocks* source : sources) {
    for (const FamilyBlock& family : source->families) all.push_back({&family, source});
  }
  std::stable_sort(all.begin(), all.end(), [](const SourcedFamily& a, const SourcedFamily& b) {
    return a.family->name < b.family->name;
  });
  return all;
}

void AppendHead(std::string& page, const FamilyBlock& family) {
  page += "# HELP ";
  page += family.name;
  page += ' ';
  for (const char c : family.help) {
    if (c == '\\') {
      page += "\\\\";
    } else if (c == '\n') {
      page += "\\n";
    } else {
      page += c;
    }
  }
  page += "\n# TYPE ";
  page += family.name;
  page += family.type == MetricType::kCounter ? " counter\n" : " gauge\n";
}

// A sample of prometheus-cpp's model, ready for the page.
struct Line {
  std::vector<std::string> values;  // in the order of the labels: what samples are sorted by
  std::string labels;
  double value = 0;
};

std::optional<double> ValueOf(const prometheus::ClientMetric& metric, prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return metric.counter.value;
  if (type == prometheus::MetricType::Gauge) return metric.gauge.value;
  return std::nullopt;
}

Line MakeLine(const prometheus::ClientMetric& metric, double value) {
  std::vector<prometheus::ClientMetric::Label> labels = metric.label;
  const auto rank = [](const prometheus::ClientMetric::Label& label) {
    return label.name == "target" ? 0 : label.name == "system" ? 1 : 2;
  };
  std::stable_sort(labels.begin(), labels.end(),
                   [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  Line line;
  line.value = value;
  for (const prometheus::ClientMetric::Label& label : labels) {
    line.values.push_back(CleanLabelValue(label.value));
    AppendLabel(line.labels, label.name, line.values.back());
  }
  return line;
}

std::vector<Line> LinesOf(const prometheus::MetricFamily& family) {
  std::vector<Line> lines;
  for (const prometheus::ClientMetric& metric : family.metric) {
    if (const auto value = ValueOf(metric, family.type)) lines.push_back(MakeLine(metric, *value));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.values, a.labels) < std::tie(b.values, b.labels);
  });
  lines.erase(std::unique(lines.begin(), lines.end(),
                          [](const Line& a, const Line& b) { return a.labels == b.labels; }),
              lines.end());
  return lines;
}

}  // namespace

std::string RenderPage(std::span<const Blocks* const> sources) {
  const std::vector<SourcedFamily> all = SortedByName(sources);
  std::size_t bytes = 0;
  for (const SourcedFamily& f : all) {
    bytes += f.source->TextOf(*f.family).size() + kHeadBytes + 2 * f.family->name.size() +
             f.family->help.size();
  }
  std::string page;
  page.reserve(bytes);
  std::string_view current;
  for (const SourcedFamily& f : all) {
    if (f.family->name != current) AppendHead(page, *f.family);
    current = f.family->name;
    page += f.source->TextOf(*f.family);
  }
  return page;
}

Blocks RenderFamilies(const std::vector<prometheus::MetricFamily>& families) {
  BlockBuilder builder;
  for (const prometheus::MetricFamily& family : families) {
    builder.Begin({family.name, family.help,
                   family.type == prometheus::MetricType::Counter ? MetricType::kCounter
                                                                  : MetricType::kGauge});
    for (const Line& line : LinesOf(family)) builder.Add(line.labels, {}, line.value);
    builder.End();
  }
  return std::move(builder).Take();
}

std::string Gzip(std::string_view page) {
  constexpr int kGzipFormat = 15 + 16;  // the largest window, with gzip's header and trailer
  constexpr int kMemoryLevel = 8;       // zlib's default
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, kGzipFormat, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, page.size()), '\0');
  // zlib promises not to write through next_in.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(page.data()));
  stream.avail_in = static_cast<uInt>(page.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::bad_alloc();
  out.shrink_to_fit();
  return out;
}

}  // namespace headroom
