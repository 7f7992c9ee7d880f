// The page of RabbitMQ's Prometheus plugin, in two ways, by the first byte. 'p': the rest is a
// page; what is read is sorted, possible, and no longer read when the page is cut. Otherwise the
// rest is names of queues, one after each 0xFF: the page that a broker would write of them must
// never give a queue a number that is not its own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "collectors/rabbitmq/text_page.h"
#include "test/support/rabbitmq_page.h"

namespace headroom::rabbitmq {
namespace {

using test::PageDialect;
using test::PageQueue;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireCount(const std::optional<std::uint64_t>& count) {
  Require(!count || *count <= std::uint64_t{1} << 53U);
}

void CheckPage(std::string_view body) {
  const Result<TextPage> page = ParseTextPage(body);
  if (!page.ok()) return Require(page.error().kind == ErrorKind::kProtocol);
  const QueueRow* last = nullptr;
  for (const QueueRow& row : page->rows) {
    if (last != nullptr) Require(std::tie(last->vhost, last->name) < std::tie(row.vhost, row.name));
    last = &row;
    for (const auto& count : {row.ready, row.unacked, row.consumers, row.memory_bytes,
                              row.published, row.acknowledged, row.redelivered}) {
      RequireCount(count);
    }
    Require(!row.consumer_capacity || (*row.consumer_capacity >= 0 && *row.consumer_capacity <= 1));
    Require(!row.head_timestamp || *row.head_timestamp >= 0);
  }
  Require(!page->uptime_seconds || *page->uptime_seconds >= 0);
  Require(!ParseTextPage(body.substr(0, body.size() - 1)).ok());
}

using Queues = std::map<std::pair<std::string, std::string>, PageQueue>;

// A name may bring its vhost, before 0xFE. Two queues that are worth impersonating come first.
Queues ReadNames(std::string_view text) {
  Queues queues;
  std::uint64_t number = 1000;
  const auto add = [&](std::string_view vhost, std::string_view name) {
    PageQueue queue{std::string(vhost), std::string(name), number + 1, number + 2, number + 3};
    number += 10;
    queues.emplace(std::pair(queue.vhost, queue.name), queue);
  };
  add("/", "a");
  add("/", "b");
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('\xFF'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    const std::size_t cut = name.find('\xFE');
    if (cut == std::string_view::npos) {
      add("/", name);
    } else {
      add(name.substr(0, cut), name.substr(cut + 1));
    }
  }
  return queues;
}

void CheckNames(std::string_view text, PageDialect dialect) {
  const Queues queues = ReadNames(text);
  std::vector<PageQueue> in_order;
  for (const auto& [key, queue] : queues) in_order.push_back(queue);
  const Result<TextPage> page = ParseTextPage(WritePage(in_order, dialect));
  if (dialect == PageDialect::kEscaped) {
    Require(page.ok() && page->unreadable == 0 && page->rows.size() == queues.size());
  }
  if (!page.ok()) return;
  Require(page->rows.size() == queues.size() || page->unreadable > 0);
  for (const QueueRow& row : page->rows) {
    const auto own = queues.find({row.vhost, row.name});
    Require(own != queues.end());
    Require(row.ready == own->second.ready);
    Require(row.unacked == own->second.unacked);
    Require(row.consumers == own->second.consumers);
  }
}

}  // namespace
}  // namespace headroom::rabbitmq

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using headroom::test::PageDialect;
  if (size == 0) return 0;
  const std::string rest(data + 1, data + size);
  if (data[0] == 'p') {
    headroom::rabbitmq::CheckPage(rest);
  } else {
    headroom::rabbitmq::CheckNames(rest, PageDialect::kRaw);
    headroom::rabbitmq::CheckNames(rest, PageDialect::kEscaped);
  }
  return 0;
}
