#include "collectors/rabbitmq/text_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <unordered_set>

#include "collectors/rabbitmq/exposition_labels.h"
#include "collectors/rabbitmq/exposition_scanner.h"
#include "collectors/rabbitmq/queue_table.h"

namespace headroom::rabbitmq {
namespace {

constexpr std::string_view kBuildFamily = "rabbitmq_build_info";
constexpr std::string_view kIdentityFamily = "rabbitmq_identity_info";
constexpr std::string_view kDetailed = "rabbitmq_detailed_";
constexpr std::string_view kUptimeFamily = "erlang_uptime_seconds";
constexpr std::string_view kPublishedFamily = "queue_exchange_messages_published_total";
constexpr std::string_view kInfoFamily = "queue_info";

struct FieldName {
  std::string_view family;  // after kDetailed
  QueueField field;
};
constexpr std::array<FieldName, kQueueFields> kFields = {{
    {"queue_messages_ready", QueueField::kReady},
    {"queue_messages_unacked", QueueField::kUnacked},
    {"queue_messages", QueueField::kMessages},
    {"queue_consumers", QueueField::kConsumers},
    {"queue_consumer_capacity", QueueField::kCapacity},
    {"queue_process_memory_bytes", QueueField::kMemory},
    {"queue_head_message_timestamp", QueueField::kHeadTimestamp},
    {"queue_get_ack_total", QueueField::kGetAck},
    {"queue_get_total", QueueField::kGetNoAck},
    {"queue_messages_delivered_ack_total", QueueField::kDeliveredAck},
    {"queue_messages_delivered_total", QueueField::kDeliveredNoAck},
    {"queue_messages_redelivered_total", QueueField::kRedelivered},
    {"queue_messages_acked_total", QueueField::kAcknowledged},
}};

Error Broken(std::string_view what) {
  return Error{ErrorKind::kProtocol, fmt::format("rabbitmq_prometheus page: {}", what)};
}

Error Forged(std::string_view what) {
  return Broken(fmt::format(
      "{}, as when the name of a queue has a line feed and forges lines: use the management API",
      what));
}

// RabbitMQ 4.0 escapes (tried with 4.0.5). The fix went into some releases of 3.x as well; taking
// them for ones without it loses names with a backslash or a quote, and nothing else.
Escaping EscapingOf(std::string_view version) {
  int major = 0;
  const char* end = version.data() + version.size();
  const auto [rest, error] = std::from_chars(version.data(), end, major);
  const bool escapes = error == std::errc() && rest != end && *rest == '.' && major >= 4;
  return escapes ? Escaping::kStandard : Escaping::kNone;
}

// The labels of a family that has one sample.
using Singleton = std::optional<std::string_view>;

class PageReader {
 public:
  Status Take(const ExpositionLine& line, std::size_t line_number);
  Result<TextPage> Finish() const;

 private:
  enum class Family { kOther, kField, kPublished, kInfo, kUptime, kBuild, kIdentity };

  Status BeginFamily(std::string_view name);
  Status TakeSample(const ExpositionLine& line);
  Status TakeStray(const ExpositionLine& line, std::size_t line_number);

  std::unordered_set<std::string_view> families_;
  Family family_ = Family::kOther;
  QueueField field_ = QueueField::kReady;
  bool of_queues_ = false;  // may names of queues stand in this block?
  // Labels of the last sample in this block.
  std::optional<std::string_view> previous_;

  QueueTable table_;
  Singleton build_;
  Singleton identity_;
  std::optional<double> uptime_;
};

Status PageReader::Take(const ExpositionLine& line, std::size_t line_number) {
  if (line.kind == ExpositionLine::Kind::kFamily) return BeginFamily(line.name);
  if (line.kind == ExpositionLine::Kind::kStray) return TakeStray(line, line_number);
  previous_ = line.labels;
  return TakeSample(line);
}

Status PageReader::BeginFamily(std::string_view name) {
  // The writer never does; names with line feeds might, and nothing after it would be certain.
  if (!families_.insert(name).second) return Forged(fmt::format("{} begins twice", name));
  previous_.reset();
  family_ = Family::kOther;
  of_queues_ = name.starts_with(kDetailed);
  if (name == kBuildFamily) family_ = Family::kBuild;
  if (name == kIdentityFamily) family_ = Family::kIdentity;
  if (!of_queues_) return Ok{};
  name.remove_prefix(kDetailed.size());
  if (name == kUptimeFamily) family_ = Family::kUptime;
  if (name == kPublishedFamily) family_ = Family::kPublished;
  if (name == kInfoFamily) family_ = Family::kInfo;
  const auto* known = std::find_if(kFields.begin(), kFields.end(),
                                   [&](const FieldName& field) { return field.family == name; });
  if (known != kFields.end()) {
    family_ = Family::kField;
    field_ = known->field;
    table_.BeginFamily(field_);
  }
  return Ok{};
}

Status PageReader::TakeSample(const ExpositionLine& line) {
  const std::string_view labels = line.labels.value_or(std::string_view());
  switch (family_) {
    case Family::kOther:
      return Ok{};
    case Family::kField:
      table_.Add(field_, labels, line.tail);
      return Ok{};
    case Family::kPublished:
      table_.AddPublished(labels, line.tail);
      return Ok{};
    case Family::kInfo:
      table_.AddInfo(labels);
      return Ok{};
    case Family::kUptime:
      if (uptime_) return Broken("it says the uptime twice");
      uptime_ = ParseSampleValue(line.tail);
      return Ok{};
    case Family::kBuild:
    case Family::kIdentity:
      break;
  }
  Singleton& place = family_ == Family::kBuild ? build_ : identity_;
  if (place) return Broken("it says twice which node it is of");
  place = labels;
  return Ok{};
}

Status PageReader::TakeStray(const ExpositionLine& line, std::size_t line_number) {
  if (!of_queues_ || !previous_) {
    return Forged(fmt::format("line {} is of no family", line_number));
  }
  table_.Distrust(*previous_);
  if (line.labels) table_.Distrust(*line.labels);
  return Ok{};
}

Result<TextPage> PageReader::Finish() const {
  // They come last but for the plugin's own telemetry_* families.
  if (!build_ || !identity_) return Broken("cut off, or not of this plugin: no identity");
  const auto build = Labels::Parse(*build_, Escaping::kStandard);
  const auto identity = Labels::Parse(*identity_, Escaping::kStandard);
  if (!build || !identity) return Broken("its identity is malformed");
  std::deque<std::string> decoded;
  TextPage page;
  page.version = build->Get("rabbitmq_version", decoded).value_or("");
  page.node = identity->Get("rabbitmq_node", decoded).value_or("");
  page.cluster = identity->Get("rabbitmq_cluster", decoded).value_or("");
  if (uptime_ && std::isfinite(*uptime_) && *uptime_ >= 0) page.uptime_seconds = uptime_;
  QueueTable::Told told = table_.Tell(EscapingOf(page.version));
  page.rows = std::move(told.rows);
  page.unreadable = told.unreadable;
  return page;
}

}  // namespace

Result<TextPage> ParseTextPage(std::string_view body) {
  if (!body.starts_with("# TYPE ")) return Broken("not one: it does not begin with # TYPE");
  // Written once, after the last family: the only sign of a cut between two lines.
  if (!body.ends_with("\n\n")) return Broken("cut off: it does not end with an empty line");
  ExpositionScanner scanner(body);
  PageReader reader;
  while (true) {
    const ExpositionLine line = scanner.Next();
    if (line.kind == ExpositionLine::Kind::kEnd) return reader.Finish();
    const Status taken = reader.Take(line, scanner.line_number());
    if (!taken.ok()) return taken.error();
  }
}

}  // namespace headroom::rabbitmq
