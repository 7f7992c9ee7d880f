// RequestTable: the requests libmicrohttpd is working on, from request line to last byte of the
// response, and the way their answers find back to them.
//
// Threads: the server's one thread only, but for replies() which is safe from any.
#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/http/microhttpd_replies.h"
#include "exporter/http/request_target.h"
#include "exporter/http/server.h"

namespace headroom {

class RequestTable {
 public:
  struct Request {
    ReplyQueue::Id id = 0;
    HttpRequest http;
    std::size_t head_bytes = 0;
    std::size_t body_bytes = 0;
    bool head_seen = false;
    bool received = false;  // to its last byte, or refused before that
    bool answered = false;  // the response is on its way
    bool in_flight = false;
    MHD_Connection* suspended = nullptr;  // set while it waits for its answer
    std::optional<HttpResponse> answer;
  };

  RequestTable(HttpHandler handler, std::function<void(std::string_view)> log,
               std::size_t max_header_bytes)
      : handler_(std::move(handler)), log_(std::move(log)), max_header_bytes_(max_header_bytes) {}

  const std::shared_ptr<ReplyQueue>& replies() const { return replies_; }

  // A request line came in. Valid until End().
  Request* Begin(std::string_view target);
  // One call of the library's access handler. MHD_NO closes the connection.
  MHD_Result Step(MHD_Connection* connection, Request& request, const char* method,
                  std::size_t* upload_size);
  void End(const Request& request);

  // Hands arrived answers to their requests and resumes these.
  void DeliverAnswers();

  // Handed to the handler and not wholly answered yet.
  std::size_t in_flight() const { return in_flight_; }
  // From now on new requests get a 503 and the handler is not called.
  void Drain() { draining_ = true; }
  // Gives a 503 to whatever still waits.
  void RefuseAll();

 private:
  MHD_Result ReadHead(MHD_Connection* connection, Request& request, const char* method);
  MHD_Result Ask(MHD_Connection* connection, Request& request);
  MHD_Result Respond(MHD_Connection* connection, Request& request, const HttpResponse& response);

  const HttpHandler handler_;
  const std::function<void(std::string_view)> log_;
  const std::size_t max_header_bytes_;
  const std::shared_ptr<ReplyQueue> replies_ = std::make_shared<ReplyQueue>();
  std::map<ReplyQueue::Id, std::unique_ptr<Request>> requests_;
  ReplyQueue::Id last_id_ = 0;
  std::size_t in_flight_ = 0;
  bool draining_ = false;
};

}  // namespace headroom
