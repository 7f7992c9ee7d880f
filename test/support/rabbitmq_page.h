// Writes a page of rabbitmq_prometheus, for queues that a test has chosen, as the broker writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::test {

struct PageQueue {
  std::string vhost;
  std::string name;
  std::uint64_t ready = 0;
  std::uint64_t unacked = 0;
  std::uint64_t consumers = 0;
};

enum class PageDialect {
  kRaw,      // RabbitMQ 3.10.8: label values as they are
  kEscaped,  // RabbitMQ 4.0.5
};

inline std::string PageLabel(std::string_view value, PageDialect dialect) {
  if (dialect == PageDialect::kRaw) return std::string(value);
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  return out;
}

inline void AppendFamily(std::string& page, std::string_view name,
                         const std::vector<PageQueue>& queues, PageDialect dialect,
                         std::uint64_t (*number)(const PageQueue&)) {
  const std::string family = "rabbitmq_detailed_" + std::string(name);
  page += "# TYPE " + family + " gauge\n# HELP " + family + " Help\n";
  for (const PageQueue& queue : queues) {
    page += family + "{vhost=\"" + PageLabel(queue.vhost, dialect) + "\",queue=\"" +
            PageLabel(queue.name, dialect) + "\"} " + std::to_string(number(queue)) + '\n';
  }
}

// The families queue_coarse_metrics and queue_consumer_count.
inline std::string WritePage(const std::vector<PageQueue>& queues, PageDialect dialect,
                             std::string_view node = "a@b") {
  std::string page;
  AppendFamily(page, "queue_messages_ready", queues, dialect,
               [](const PageQueue& q) { return q.ready; });
  AppendFamily(page, "queue_messages_unacked", queues, dialect,
               [](const PageQueue& q) { return q.unacked; });
  AppendFamily(page, "queue_messages", queues, dialect,
               [](const PageQueue& q) { return q.ready + q.unacked; });
  AppendFamily(page, "queue_process_reductions_total", queues, dialect,
               [](const PageQueue& q) { return 1000 + q.ready; });
  AppendFamily(page, "queue_consumers", queues, dialect,
               [](const PageQueue& q) { return q.consumers; });
  const std::string version = dialect == PageDialect::kRaw ? "3.10.8" : "4.0.5";
  page +=
      "# TYPE rabbitmq_build_info untyped\n# HELP rabbitmq_build_info Help\n"
      "rabbitmq_build_info{rabbitmq_version=\"" +
      version +
      "\"} 1\n"
      "# TYPE rabbitmq_identity_info untyped\n# HELP rabbitmq_identity_info Help\n"
      "rabbitmq_identity_info{rabbitmq_node=\"" +
      std::string(node) + "\",rabbitmq_cluster=\"c\"} 1\n\n";
  return page;
}

}  // namespace headroom::test
