#include "exporter/routes.h"

#include <utility>

#include "exporter/exposition/page.h"
#include "exporter/metrics_page.h"
#include "exporter/pool_join.h"
#include "exporter/scrape_request.h"
#include "exporter/status_page.h"
#include "exporter/workload/workload_view.h"

namespace headroom {
namespace {

// Pages being made or sent. Scrapes wait side by side without a thread each, so this bounds memory,
// not threads. Two Prometheus, KEDA and a few people make ten.
constexpr int kMaxPagesInFlight = 64;

HttpResponse NotAllowed(std::string_view allow) {
  auto response = HttpResponse::Text(405, "method not allowed\n");
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool IsRead(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// A page that counts as in flight until the server has sent it and let go of it.
std::shared_ptr<const std::string> HoldTicket(std::string page, std::shared_ptr<void> ticket) {
  struct Held {
    std::string page;
    std::shared_ptr<void> ticket;
  };
  const auto held = std::make_shared<Held>(Held{std::move(page), std::move(ticket)});
  return {held, &held->page};
}

}  // namespace

Routes::Routes(RoutesOptions options, EventLoop& loop, const Targets& targets, SelfMetrics& self,
               Reload reload)
    : options_(std::move(options)),
      loop_(loop),
      targets_(targets),
      self_(self),
      reload_(std::move(reload)) {}

void Routes::Handle(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
  const bool reload = request.path == "/-/reload";
  if (reload && !options_.lifecycle) {
    reply->Send(HttpResponse::Text(403,
                                   "reloading by request is off: start with "
                                   "--web.enable-lifecycle, or send SIGHUP\n"));
  } else if (reload) {
    request.method == "POST" ? ReloadConfig(reply) : reply->Send(NotAllowed("POST"));
  } else if (request.path == "/-/healthy" || request.path == "/-/ready") {
    const bool not_ready = draining_ && request.path == "/-/ready";
    if (!IsRead(request)) return reply->Send(NotAllowed("GET, HEAD"));
    reply->Send(not_ready ? HttpResponse::Text(503, "shutting down\n")
                          : HttpResponse::Text(200, "ok\n"));
  } else if (request.path == options_.telemetry_path || request.path == "/") {
    if (!IsRead(request)) return reply->Send(NotAllowed("GET, HEAD"));
    request.path == "/" ? StatusPage(request, reply) : Scrape(request, reply);
  } else {
    reply->Send(HttpResponse::Text(404, "not found; try / or " + options_.telemetry_path + "\n"));
  }
}

std::shared_ptr<void> Routes::Admit(HttpReply& reply) {
  const auto in_flight = in_flight_;
  // The counter goes down when the last copy of the ticket does, whatever becomes of the request.
  std::shared_ptr<void> ticket(in_flight.get(), [in_flight](void*) { --*in_flight; });
  if (++*in_flight <= kMaxPagesInFlight) return ticket;
  auto response = HttpResponse::Text(503, "too many requests at once\n");
  response.headers.emplace_back("Retry-After", "1");
  reply.Send(std::move(response));
  return nullptr;
}

void Routes::Scrape(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
  const SteadyTime arrival = loop_.clock().Now();
  const auto names = RequestedNames(request);
  auto selected = Select(targets_.Current(), names);
  if (!selected) return reply->Send(HttpResponse::Text(400, selected.error().message));
  auto ticket = Admit(*reply);
  if (ticket == nullptr) return;
  const bool gzip = options_.gzip && AcceptsGzip(request);
  const Workers workers = std::move(selected->workers);
  const std::vector<std::string> awaited = std::move(selected->awaited);
  Gather(loop_, workers, arrival, arrival + ScrapeBudget(request), awaited,
         [this, reply, ticket, gzip,
          selection = *std::move(selected)](std::vector<TargetView> targets) {
           auto page = MetricsPage(std::move(targets), selection);
           HttpResponse response;
           response.content_type = kExpositionContentType;
           if (options_.gzip) response.headers.emplace_back("Vary", "Accept-Encoding");
           if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
           response.body = HoldTicket(gzip ? Gzip(page) : std::move(page), ticket);
           reply->Send(std::move(response));
         });
}

std::string Routes::MetricsPage(std::vector<TargetView> targets, const Selection& selection) const {
  const auto workloads = EvaluateWorkloads(selection.workloads, targets, loop_.clock().WallNow());
  JoinShown(targets, selection);
  return RenderMetricsPage(targets, self_, loop_.clock().Now(),
                           selection.everything ? PageScope::kEverything : PageScope::kNamedOnly,
                           workloads);
}

void Routes::StatusPage(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply) {
  auto ticket = Admit(*reply);
  if (ticket == nullptr) return;
  const SteadyTime arrival = loop_.clock().Now();
  Running running = targets_.Current();
  Gather(loop_, running.workers, arrival, arrival + ScrapeBudget(request), {},
         [this, reply, ticket,
          workloads = std::move(running.workloads)](std::vector<TargetView> targets) {
           const WallTime wall_now = loop_.clock().WallNow();
           const auto views = EvaluateWorkloads(workloads, targets, wall_now);
           JoinPools(targets, {});
           HttpResponse response;
           response.content_type = "text/html; charset=utf-8";
           response.headers = {
               {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
               {"X-Content-Type-Options", "nosniff"},
               {"Cache-Control", "no-store"}};
           response.body = HoldTicket(RenderStatusPage(targets, loop_.clock().Now(),
                                                       options_.telemetry_path, {views, wall_now}),
                                      ticket);
           reply->Send(std::move(response));
         });
}

void Routes::ReloadConfig(const std::shared_ptr<HttpReply>& reply) {
  reload_([reply](const Status& status) {
    reply->Send(status.ok() ? HttpResponse::Text(200, "reloaded\n")
                            : HttpResponse::Text(500, status.error().message + "\n"));
  });
}

}  // namespace headroom
