#include "exporter/http/microhttpd_requests.h"

#include <exception>
#include <utility>

#include "collectors/parse_whole.h"
#include "exporter/http/microhttpd_response.h"

namespace headroom {
namespace {

MHD_Result AddHeader(void* to, MHD_ValueKind /*kind*/, const char* name, std::size_t name_size,
                     const char* value, std::size_t value_size) {
  auto& request = *static_cast<RequestTable::Request*>(to);
  try {
    request.http.headers.emplace_back(LowerCase({name, name_size}),
                                      std::string(value == nullptr ? "" : value, value_size));
  } catch (const std::exception&) {
    return MHD_NO;  // out of memory, among C frames; the head counts as seen without this header
  }
  constexpr std::size_t kColonSpaceCrLf = 4;
  request.head_bytes += name_size + value_size + kColonSpaceCrLf;
  return MHD_YES;
}

bool DeclaresTooMuch(const HttpRequest& request) {
  const std::string* const declared = request.Header("content-length");
  if (declared == nullptr) return false;
  const auto length = ParseWhole<std::uint64_t>(*declared);
  return !length || *length > kMaxRequestBody;
}

}  // namespace

RequestTable::Request* RequestTable::Begin(std::string_view target) {
  auto request = std::make_unique<Request>();
  request->id = ++last_id_;
  request->head_bytes = target.size();
  ParseRequestTarget(target, request->http);
  return requests_.emplace(request->id, std::move(request)).first->second.get();
}

void RequestTable::End(const Request& request) {
  if (request.in_flight) --in_flight_;
  requests_.erase(request.id);
}

MHD_Result RequestTable::Step(MHD_Connection* connection, Request& request, const char* method,
                              std::size_t* upload_size) {
  if (request.answer) return Respond(connection, request, *request.answer);
  if (!request.head_seen) return ReadHead(connection, request, method);
  if (*upload_size > 0) {
    request.body_bytes += *upload_size;
    *upload_size = 0;
    return MHD_YES;
  }
  if (request.body_bytes > kMaxRequestBody) {
    return Respond(connection, request, HttpResponse::Text(413, "request body too large\n"));
  }
  return Ask(connection, request);
}

MHD_Result RequestTable::ReadHead(MHD_Connection* connection, Request& request,
                                  const char* method) {
  request.head_seen = true;
  request.http.method = method;
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &AddHeader, &request);
  if (request.head_bytes > max_header_bytes_) {
    return Respond(connection, request, HttpResponse::Text(431, "request head too large\n"));
  }
  if (DeclaresTooMuch(request.http)) {
    return Respond(connection, request, HttpResponse::Text(413, "request body too large\n"));
  }
  return MHD_YES;
}

MHD_Result RequestTable::Ask(MHD_Connection* connection, Request& request) {
  if (draining_) {
    return Respond(connection, request, ShuttingDown());
  }
  request.received = true;
  request.in_flight = true;
  ++in_flight_;
  CallHandler(handler_, request.http, MakeReply(replies_, request.id), log_);
  DeliverAnswers();
  if (request.answer) return Respond(connection, request, *request.answer);
  MHD_suspend_connection(connection);
  request.suspended = connection;
  return MHD_YES;
}

MHD_Result RequestTable::Respond(MHD_Connection* connection, Request& request,
                                 const HttpResponse& response) {
  request.received = true;
  request.answered = true;
  const auto after = draining_ ? AfterResponse::kClose : AfterResponse::kKeepAlive;
  return QueueResponse(connection, response, after, log_);
}

void RequestTable::DeliverAnswers() {
  for (auto& [id, response] : replies_->TakeAll()) {
    const auto found = requests_.find(id);
    if (found == requests_.end()) continue;
    Request& request = *found->second;
    request.answer = std::move(response);
    if (request.suspended == nullptr) continue;
    MHD_resume_connection(std::exchange(request.suspended, nullptr));
  }
}

void RequestTable::RefuseAll() {
  draining_ = true;
  for (const auto& [id, request] : requests_) {
    if (request->suspended == nullptr) continue;
    request->answer = ShuttingDown();
    MHD_resume_connection(std::exchange(request->suspended, nullptr));
  }
}

}  // namespace headroom
