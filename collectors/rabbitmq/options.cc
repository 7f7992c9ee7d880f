#include "collectors/rabbitmq/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "collectors/options.h"
#include "collectors/rabbitmq/selection.h"
#include "collectors/suggest.h"
#include "collectors/tls_options.h"

namespace headroom::rabbitmq {
namespace {

constexpr std::uint16_t kManagementPort = 15672;
constexpr std::uint16_t kManagementTlsPort = 15671;
constexpr std::uint16_t kPluginPort = 15692;
constexpr std::uint16_t kPluginTlsPort = 15691;

HttpClientOptions ClientOptionsOf(HttpUrl url, const SecretSource& password) {
  HttpClientOptions options;
  options.endpoint = std::move(url.endpoint);
  options.path = std::move(url.path);
  options.user = std::move(url.user);
  options.password = password;
  if (!url.password.empty()) {
    options.password.from = SecretSource::From::kLiteral;
    options.password.literal = std::move(url.password);
  }
  return options;
}

void ReadManagement(OptionsReader& in, const SecretSource& password, RabbitmqOptions& options) {
  const auto text = in.ExpandedString("url");
  if (!text) return;
  auto url = ParseHttpUrl(*text, kManagementPort, kManagementTlsPort);
  if (!url.ok()) {
    in.Error("url", url.error().message);
    return;
  }
  if (url->path == "/api") url->path.clear();  // how many tools want it written
  if (!url->password.empty()) in.MayHoldPassword("url", password);
  options.management = ClientOptionsOf(std::move(*url), password);
}

void ReadPlugins(OptionsReader& in, const SecretSource& password, RabbitmqOptions& options) {
  std::set<std::string> nodes;
  for (const std::string& text : in.ExpandedStrings("prometheus_urls")) {
    auto url = ParseHttpUrl(text, kPluginPort, kPluginTlsPort);
    if (!url.ok()) {
      in.Error("prometheus_urls", url.error().message);
      continue;
    }
    if (url->path == "/metrics") url->path.clear();
    if (!url->password.empty()) in.MayHoldPassword("prometheus_urls", password);
    const std::string node = url->endpoint.ToString();
    if (!nodes.insert(node).second) {
      in.Error("prometheus_urls", fmt::format("names {} twice", node));
    }
    options.plugins.push_back(ClientOptionsOf(std::move(*url), password));
  }
}

void ReadSource(OptionsReader& in, RabbitmqOptions& options) {
  const auto source = in.OneOf("source", {"auto", "management", "prometheus"});
  if (source == "management") options.source = Source::kManagement;
  if (source == "prometheus") options.source = Source::kPlugin;
  if (!in.Has("url") && !in.Has("prometheus_urls")) {
    in.Error("url",
             "expected url, the address of the management API, or prometheus_urls, the addresses "
             "of the nodes' Prometheus plugin, or both");
  }
  if (options.source == Source::kManagement && !in.Has("url")) {
    in.Error("source", "\"management\" needs url");
  }
  if (options.source == Source::kPlugin && !in.Has("prometheus_urls")) {
    in.Error("source", "\"prometheus\" needs prometheus_urls");
  }
}

// What the management API's path of a queue cannot hold.
bool IsDots(std::string_view text) { return text == "." || text == ".."; }

constexpr std::string_view kCannotBeAsked =
    "cannot be asked for: it cannot stand in the path of a request";

// "orders", in the virtual host "/", or { vhost = "...", name = "..." }.
void ReadQueues(OptionsReader& in, RabbitmqOptions& options) {
  const Value::Table& table = std::get<Value::Table>(in.table().data);
  const auto entry = std::find_if(table.begin(), table.end(),
                                  [](const Value::Entry& e) { return e.key == "queues"; });
  const auto* list = entry == table.end() ? nullptr : std::get_if<Value::List>(&entry->value.data);
  const bool names = list && std::all_of(list->begin(), list->end(), [](const Value& v) {
                       return std::holds_alternative<std::string>(v.data);
                     });
  if (names) {
    for (std::string& name : in.Strings("queues")) options.queues.push_back({"/", std::move(name)});
    return;
  }
  std::set<QueueId> seen;
  for (OptionsReader& queue : in.Tables("queues")) {
    QueueId id;
    queue.Require("name");
    id.name = queue.String("name").value_or("");
    id.vhost = queue.String("vhost").value_or("/");
    if (queue.Has("name") && id.name.empty()) queue.Error("name", "must not be empty");
    if (id.vhost.empty()) queue.Error("vhost", "must not be empty");
    for (const auto& [key, text] : {std::pair("name", id.name), std::pair("vhost", id.vhost)}) {
      if (IsDots(text)) queue.Error(key, std::string(kCannotBeAsked));
    }
    if (!seen.insert(id).second) {
      queue.Error("name", fmt::format("\"{}\" in virtual host \"{}\" is declared twice", id.name,
                                      id.vhost));
    }
    queue.Finish();
    options.queues.push_back(std::move(id));
  }
}

void ReadReadings(OptionsReader& in, Wanted& wanted) {
  if (!in.Has("readings")) {
    wanted.consumers = true;
    return;
  }
  const std::vector<std::string> readings = in.Strings("readings");
  for (const std::string& reading : readings) {
    if (reading == "messages") continue;
    if (reading == "consumers") {
      wanted.consumers = true;
    } else if (reading == "capacity") {
      wanted.capacity = true;
    } else if (reading == "rates") {
      wanted.rates = true;
    } else if (reading == "age") {
      wanted.age = true;
    } else if (reading == "memory") {
      wanted.memory = true;
    } else if (reading == "info") {
      wanted.info = true;
    } else {
      in.Error("readings", fmt::format("expected \"messages\", \"consumers\", \"capacity\", "
                                       "\"rates\", \"age\", \"memory\" or \"info\", got \"{}\"",
                                       reading));
    }
  }
  if (std::find(readings.begin(), readings.end(), "messages") == readings.end()) {
    in.Error("readings", "\"messages\" is always needed; add it");
  }
}

std::vector<std::string> ReadPatterns(OptionsReader& in, std::string_view key) {
  std::vector<std::string> patterns = in.Strings(key);
  for (const std::string& pattern : patterns) {
    if (const auto mistake = PatternMistake(pattern)) {
      in.Error(key, fmt::format("\"{}\" is not a regular expression (RE2): {}", pattern, *mistake));
    }
  }
  return patterns;
}

void CheckQueues(OptionsReader& in, const RabbitmqOptions& options) {
  if (options.vhosts.empty()) return;
  for (const QueueId& queue : options.queues) {
    if (std::find(options.vhosts.begin(), options.vhosts.end(), queue.vhost) ==
        options.vhosts.end()) {
      in.Error("vhosts", fmt::format("leaves out \"{}\", where the declared queue \"{}\" is",
                                     queue.vhost, queue.name));
    }
  }
}

// A password alone is never sent; whoever gave one expects that it is.
void CheckUser(OptionsReader& in, const SecretSource& password, const RabbitmqOptions& options) {
  if (password.from == SecretSource::From::kNone) return;
  const bool user = (options.management && !options.management->user.empty()) ||
                    std::any_of(options.plugins.begin(), options.plugins.end(),
                                [](const HttpClientOptions& o) { return !o.user.empty(); });
  if (user || (!options.management && options.plugins.empty())) return;
  in.Error(in.Has("password_file") ? "password_file" : "password_env",
           "is used for a user only, and no URL has one: http://USER@host");
}

void CheckInfo(OptionsReader& in, const RabbitmqOptions& options) {
  if (options.wanted.info && !options.management) {
    in.Error("readings", "\"info\" is known to the management API only; give its url");
  }
  // Of a plugin's page, some names can only be known from the management API (info_pass.h).
  const bool looks_up =
      options.management && !options.plugins.empty() && options.source != Source::kManagement;
  if (!options.wanted.info && !looks_up && in.Has("discovery_interval")) {
    in.Error("discovery_interval",
             "is only used with \"info\" among the readings, or with both url and "
             "prometheus_urls, for names that the plugin's pages cannot show");
  }
}

// One table for all addresses: a cluster has one authority.
void ReadTlsOfAll(OptionsReader& in, RabbitmqOptions& options) {
  std::vector<Endpoint*> endpoints;
  if (options.management) endpoints.push_back(&options.management->endpoint);
  for (HttpClientOptions& plugin : options.plugins) endpoints.push_back(&plugin.endpoint);
  Endpoint shared;
  shared.tls = std::any_of(endpoints.begin(), endpoints.end(),
                           [](const Endpoint* endpoint) { return endpoint->tls; });
  ReadTls(in, shared, "https://");
  for (Endpoint* endpoint : endpoints) endpoint->tls_options = shared.tls_options;
}

}  // namespace

std::optional<RabbitmqOptions> ParseOptions(OptionsReader& in) {
  RabbitmqOptions options;
  const SecretSource password = in.SecretFrom("password");
  ReadManagement(in, password, options);
  ReadPlugins(in, password, options);
  ReadSource(in, options);
  ReadReadings(in, options.wanted);
  options.include = ReadPatterns(in, "include");
  options.exclude = ReadPatterns(in, "exclude");
  options.vhosts = in.Strings("vhosts");
  const auto ttl = in.DurationAtLeast("pattern_ttl", Duration::zero());
  if (ttl) options.pattern_ttl = *ttl;
  const auto interval = in.DurationAtLeast("discovery_interval", std::chrono::seconds(10));
  if (interval) options.discovery_interval = *interval;
  CheckInfo(in, options);
  CheckUser(in, password, options);
  // Keys that have been asked for are recognised when they stand in a sub-table by mistake, so the
  // sub-tables come last.
  ReadTlsOfAll(in, options);
  ReadQueues(in, options);
  CheckQueues(in, options);
  if (!in.ok()) return std::nullopt;
  return options;
}

Result<DeclaredQueue> Declare(const QueueName& queue, RabbitmqOptions& options) {
  const auto refuse = [](std::string why) {
    return Error{ErrorKind::kUnsupported, std::move(why)};
  };
  if (queue.db) return refuse("RabbitMQ has no numbered databases; leave db out");
  const QueueId id{queue.vhost ? *queue.vhost : "/", queue.name};
  if (id.vhost.empty()) return refuse("vhost must not be empty");
  for (const std::string& text : {id.vhost, id.name}) {
    if (IsDots(text)) return refuse(fmt::format("{} {}", Quoted(text), kCannotBeAsked));
  }
  const auto has = [](const auto& list, const auto& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  if (!options.vhosts.empty() && !has(options.vhosts, id.vhost)) {
    return refuse(fmt::format("the target's vhosts leave out {}", Quoted(id.vhost)));
  }
  DeclaredQueue declared{id.vhost, "", false, !options.wanted.consumers};
  if (has(options.queues, id)) return declared;
  std::vector<std::string> names;
  for (const QueueId& known : options.queues) {
    if (known.vhost == id.vhost) names.push_back(known.name);
  }
  declared.similar = Suggest(id.name, names).value_or("");
  // Without declared queues all are discovered; one that a workload names must not end that.
  if (options.Discovers() && options.include.empty()) options.include = {".*"};
  options.queues.push_back(id);
  declared.added = true;
  return declared;
}

}  // namespace headroom::rabbitmq
