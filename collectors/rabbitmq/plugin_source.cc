#include "collectors/rabbitmq/plugin_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "collectors/rabbitmq/text_page.h"

namespace headroom::rabbitmq {
namespace {

// Families of RabbitMQ 3.9 and later; one that a version does not have is silently left out.
std::string RequestOf(const RabbitmqOptions& options) {
  const Wanted& wanted = options.wanted;
  std::string target = "/metrics/detailed?family=queue_coarse_metrics";
  const bool all = wanted.capacity || wanted.age || wanted.memory;
  if (all) {
    target += "&family=queue_metrics";  // has the consumers too
  } else if (wanted.consumers) {
    target += "&family=queue_consumer_count";
  }
  if (wanted.rates) {
    target += "&family=queue_delivery_metrics&family=queue_exchange_metrics&family=node_metrics";
  }
  for (const std::string& vhost : options.vhosts) target += "&vhost=" + PercentEncode(vhost);
  return target;
}

auto Id(const QueueRow& row) { return std::tie(row.vhost, row.name); }

// False when both say something, and not the same.
template <class T>
bool Join(std::optional<T>& into, const std::optional<T>& from) {
  if (!from) return true;
  if (into && *into != *from) return false;
  into = from;
  return true;
}

void Sum(std::optional<std::uint64_t>& into, const std::optional<std::uint64_t>& from) {
  if (from) into = into ? *into + *from : *from;
}

bool JoinRows(QueueRow& into, const QueueRow& from) {
  Sum(into.published, from.published);
  Sum(into.delivered, from.delivered);
  Sum(into.acknowledged, from.acknowledged);
  Sum(into.redelivered, from.redelivered);
  return Join(into.ready, from.ready) && Join(into.unacked, from.unacked) &&
         Join(into.consumers, from.consumers) &&
         Join(into.consumer_capacity, from.consumer_capacity) &&
         Join(into.memory_bytes, from.memory_bytes) &&
         Join(into.head_timestamp, from.head_timestamp);
}

}  // namespace

std::vector<QueueId> MergeRows(std::vector<QueueRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const QueueRow& a, const QueueRow& b) { return Id(a) < Id(b); });
  std::vector<QueueId> contradicted;
  auto out = rows.begin();
  for (auto first = rows.begin(); first != rows.end();) {
    auto next = std::next(first);
    bool agree = true;
    for (; next != rows.end() && Id(*next) == Id(*first); ++next) {
      agree = JoinRows(*first, *next) && agree;
    }
    if (!agree) {
      contradicted.push_back({first->vhost, first->name});
    } else {
      if (out != first) *out = std::move(*first);
      ++out;
    }
    first = next;
  }
  rows.erase(out, rows.end());
  return contradicted;
}

std::size_t PluginView::Answered() const {
  return static_cast<std::size_t>(
      std::count_if(nodes.begin(), nodes.end(), [](const PluginNode& n) { return !n.error; }));
}

const Error& PluginView::FirstError() const {
  return *std::find_if(nodes.begin(), nodes.end(), [](const PluginNode& n) {
            return n.error.has_value();
          })->error;
}

PluginSource::PluginSource(const RabbitmqOptions& options) : target_(RequestOf(options)) {
  for (const HttpClientOptions& node : options.plugins) {
    peers_.push_back(
        Peer{"node:" + node.endpoint.ToString(), std::make_unique<HttpClient>(node), {}});
  }
}

bool PluginSource::AllResting(SteadyTime now) const {
  return std::all_of(peers_.begin(), peers_.end(),
                     [&](const Peer& p) { return p.rest_until && *p.rest_until > now; });
}

PluginView PluginSource::Fetch(const Deadline& deadline, bool may_rest) {
  PluginView view;
  std::size_t left = peers_.size();
  for (Peer& peer : peers_) {
    PluginNode& node = view.nodes.emplace_back();
    node.part = peer.part;
    const SteadyTime now = deadline.clock().Now();
    if (may_rest && peer.rest_until && *peer.rest_until > now) {
      node.error = Error{ErrorKind::kTimeout, "did not answer in time, and is left alone for 30s"};
    } else {
      const Deadline share = deadline.Within(deadline.Remaining() / static_cast<int>(left));
      node.error = FetchOne(peer, share, node, view);
      peer.rest_until.reset();
      if (node.error && node.error->kind == ErrorKind::kTimeout) peer.rest_until = now + kRest;
    }
    --left;
  }
  view.contradicted = MergeRows(view.rows);
  return view;
}

std::optional<Error> PluginSource::FetchOne(Peer& peer, const Deadline& deadline, PluginNode& node,
                                            PluginView& view) const {
  auto reply = peer.client->Get(target_, deadline);
  if (!reply.ok()) return reply.error();
  if (reply->status == 404) {
    return Error{ErrorKind::kUnsupported,
                 "/metrics/detailed: not found; is this the address of the plugin "
                 "rabbitmq_prometheus, of RabbitMQ 3.9 or later?"};
  }
  if (reply->status != 200) {
    return Error{ErrorKind::kProtocol,
                 fmt::format("/metrics/detailed: HTTP status {}", reply->status)};
  }
  auto page = ParseTextPage(reply->body);
  if (!page.ok()) return page.error().Within("/metrics/detailed");
  // Behind a load balancer, say: its counters would be counted twice.
  const auto twin = std::find_if(view.nodes.begin(), view.nodes.end(), [&](const PluginNode& n) {
    return !page->node.empty() && n.counting.name == page->node;
  });
  if (twin != view.nodes.end()) {
    return Error{ErrorKind::kUnsupported,
                 fmt::format("answers as {}, as {} does; give each node's own address", page->node,
                             twin->part)};
  }
  node.counting = {page->node, page->uptime_seconds};
  if (view.version.empty() || page->version < view.version) view.version = page->version;
  view.unreadable += page->unreadable;
  std::move(page->rows.begin(), page->rows.end(), std::back_inserter(view.rows));
  return std::nullopt;
}

}  // namespace headroom::rabbitmq
