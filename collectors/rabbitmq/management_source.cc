#include "collectors/rabbitmq/management_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::rabbitmq {
namespace {

// Fewer columns are cheaper to encode and to send; what is not listed stays unknown.
std::string ColumnsOf(const Wanted& wanted) {
  std::string columns = "vhost,name,state,messages_ready,messages_unacknowledged";
  if (wanted.consumers) columns += ",consumers";
  if (wanted.capacity) columns += ",consumer_capacity,consumer_utilisation";
  if (wanted.rates) columns += ",message_stats";
  if (wanted.age) columns += ",head_message_timestamp";
  if (wanted.memory) columns += ",memory";
  if (wanted.info) columns += ",type,durable";
  if (wanted.info || wanted.age) columns += ",arguments";
  return columns;
}

std::string QueuesPath(const std::optional<std::string>& vhost) {
  return vhost ? "/api/queues/" + PercentEncode(*vhost) : std::string("/api/queues");
}

// Servers and proxies resolve them.
bool IsDots(std::string_view segment) { return segment == "." || segment == ".."; }

// Once the credentials are known to be good, a refusal is about what was asked for.
Error AsRefusal(Error error) {
  if (error.kind == ErrorKind::kAuth) error.kind = ErrorKind::kPermission;
  return error;
}

}  // namespace

bool ServerView::AllRunning() const {
  return !nodes.empty() && std::all_of(nodes.begin(), nodes.end(), [](const Node& n) {
    return n.running == true && n.uptime_ms;
  });
}

std::optional<Duration> ServerView::Uptime() const {
  std::optional<Duration> youngest;
  for (const Node& node : nodes) {
    if (!node.uptime_ms) return std::nullopt;
    // Longer than this makes no difference, and a larger number would not fit.
    const auto days = std::min<std::uint64_t>(*node.uptime_ms, 86'400'000);
    const Duration uptime = std::chrono::milliseconds(days);
    youngest = youngest ? std::min(*youngest, uptime) : uptime;
  }
  return youngest;
}

ManagementSource::ManagementSource(const HttpClientOptions& options, const Wanted& wanted)
    : client_(options), columns_(ColumnsOf(wanted)) {}

Result<std::optional<std::string>> ManagementSource::Get(const std::string& target,
                                                         const Deadline& deadline) {
  auto reply = client_.Get(target, deadline);
  if (!reply.ok()) return reply.error();
  if (reply->status == 404) return std::optional<std::string>();
  if (reply->status != 200) {
    return Error{
        ErrorKind::kProtocol,
        fmt::format("{}: HTTP status {}", target.substr(0, target.find('?')), reply->status)};
  }
  return std::optional(std::move(reply->body));
}

Result<std::string> ManagementSource::GetExisting(const std::string& target,
                                                  const Deadline& deadline) {
  auto body = Get(target, deadline);
  if (!body.ok()) return body.error();
  if (*body) return std::move(**body);
  return Error{ErrorKind::kUnsupported,
               fmt::format("{}: not found; is this the address of RabbitMQ's management API?",
                           target.substr(0, target.find('?')))};
}

Result<ServerView> ManagementSource::Server(const Deadline& deadline) {
  auto overview = GetExisting(
      "/api/overview?columns=node,rabbitmq_version,erlang_version,cluster_name,disable_stats,"
      "object_totals,rates_mode",
      deadline);
  if (!overview.ok()) return overview.error();
  ServerView view;
  auto parsed = ParseOverview(*overview);
  if (!parsed.ok()) return parsed.error().Within("/api/overview");
  view.overview = std::move(*parsed);
  auto nodes = GetExisting(
      "/api/nodes?columns=name,running,uptime,mem_used,mem_limit,mem_alarm,disk_free,"
      "disk_free_limit,disk_free_alarm,fd_used,fd_total,partitions",
      deadline);
  if (!nodes.ok()) {
    if (nodes.error().kind != ErrorKind::kAuth) return nodes.error();
    view.nodes_error = AsRefusal(nodes.error());
    return view;
  }
  auto parsed_nodes = ParseNodes(*nodes);
  if (!parsed_nodes.ok()) return parsed_nodes.error().Within("/api/nodes");
  view.nodes = std::move(*parsed_nodes);
  return view;
}

Result<std::vector<QueueRow>> ManagementSource::List(const std::optional<std::string>& vhost,
                                                     const Deadline& deadline) {
  auto body = Get(QueuesPath(vhost) + "?columns=" + columns_, deadline);
  if (!body.ok()) return AsRefusal(body.error());
  if (!*body) {
    Status listed = ExplainNoListing(vhost, deadline);
    if (!listed.ok()) return listed.error();
    return std::vector<QueueRow>();
  }
  auto rows = ParseQueueList(**body);
  if (!rows.ok()) return rows.error().Within("/api/queues");
  return rows;
}

Result<std::optional<QueueRow>> ManagementSource::Lookup(const QueueId& queue,
                                                         const Deadline& deadline) {
  if (IsDots(queue.vhost) || IsDots(queue.name) || queue.vhost.empty()) {
    return Error{ErrorKind::kUnsupported, "a name that cannot stand in the path of a request"};
  }
  auto body = Get(
      QueuesPath(queue.vhost) + "/" + PercentEncode(queue.name) + "?columns=" + columns_, deadline);
  if (!body.ok()) return AsRefusal(body.error());
  if (!*body) {
    Status proven = ProveVhost(queue.vhost, deadline);
    if (!proven.ok()) return proven.error();
    return std::optional<QueueRow>();
  }
  auto row = ParseQueue(**body);
  if (!row.ok()) return row.error().Within("/api/queues/...");
  if (row->vhost != queue.vhost || row->name != queue.name) {
    return Error{ErrorKind::kProtocol, "the reply is about another queue than was asked for"};
  }
  return std::optional(std::move(*row));
}

Status ManagementSource::ExplainNoListing(const std::optional<std::string>& vhost,
                                          const Deadline& deadline) {
  if (!vhost) return Error{ErrorKind::kUnsupported, "/api/queues: not found"};
  proven_vhosts_.erase(*vhost);
  Status proven = ProveVhost(*vhost, deadline);
  return proven.ok() ? Ok{} : Status(proven.error().Within("virtual host " + *vhost));
}

Status ManagementSource::ProveVhost(const std::string& vhost, const Deadline& deadline) {
  if (proven_vhosts_.contains(vhost)) return Ok{};
  auto body = Get("/api/vhosts/" + PercentEncode(vhost) + "?columns=name", deadline);
  if (!body.ok()) return AsRefusal(body.error());
  if (!*body) {
    return Error{ErrorKind::kUnsupported,
                 "the broker knows no such virtual host, or a proxy in between changes the "
                 "encoded name in the path"};
  }
  proven_vhosts_.insert(vhost);
  return Ok{};
}

Result<std::vector<QueueTraits>> ManagementSource::Traits(const std::optional<std::string>& vhost,
                                                          const Deadline& deadline) {
  auto body = Get(
      QueuesPath(vhost) + "?disable_stats=true&columns=vhost,name,type,durable,arguments,policy",
      deadline);
  if (!body.ok()) return AsRefusal(body.error());
  if (!*body) {
    Status listed = ExplainNoListing(vhost, deadline);
    if (!listed.ok()) return listed.error();
    return std::vector<QueueTraits>();
  }
  return ParseQueueTraits(**body);
}

Result<std::vector<Policy>> ManagementSource::Policies(const Deadline& deadline) {
  auto body = GetExisting("/api/policies", deadline);
  if (!body.ok()) return AsRefusal(body.error());
  return ParsePolicies(*body);
}

Result<Exchange> ManagementSource::AskExchange(std::string_view vhost, std::string_view name,
                                               const Deadline& deadline) {
  const std::string path = "/api/exchanges/" + PercentEncode(vhost) + "/" + PercentEncode(name);
  Exchange exchange;
  auto about = Get(path, deadline);
  if (!about.ok()) return AsRefusal(about.error());
  if (!*about) return exchange;
  auto kind = ParseExchangeKind(**about);
  if (!kind.ok()) return kind.error();
  exchange.kind = std::move(*kind);
  auto body = Get(path + "/bindings/source", deadline);
  if (!body.ok()) return AsRefusal(body.error());
  if (!*body) return Exchange();
  auto bindings = ParseBindings(**body);
  if (!bindings.ok()) return bindings.error();
  exchange.bindings = std::move(*bindings);
  return exchange;
}

}  // namespace headroom::rabbitmq
