#include "exporter/http/microhttpd_response.h"

#include <fmt/format.h>

#include <memory>

#include "exporter/http/request_target.h"

namespace headroom {
namespace {

using Body = std::shared_ptr<const std::string>;
using OwnedResponse = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

void ReleaseBody(void* held) { delete static_cast<Body*>(held); }

OwnedResponse MakeResponse(const Body& body) {
  auto held = std::make_unique<Body>(body);
  // The library only reads; older versions lack the const.
  auto* const bytes = const_cast<char*>(body->data());
  OwnedResponse made(MHD_create_response_from_buffer_with_free_callback_cls(
                         body->size(), bytes, &ReleaseBody, held.get()),
                     &MHD_destroy_response);
  if (made != nullptr) static_cast<void>(held.release());
  return made;
}

}  // namespace

MHD_Result QueueResponse(MHD_Connection* connection, const HttpResponse& response,
                         AfterResponse after, const std::function<void(std::string_view)>& log) {
  const OwnedResponse made = MakeResponse(response.body);
  if (made == nullptr) return MHD_NO;
  const auto add = [&](const char* name, const std::string& value) {
    if (MHD_add_response_header(made.get(), name, value.c_str()) == MHD_YES || !log) return;
    log(OneLine(fmt::format("a response header was refused: {}: {}", name, value)));
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type);
  for (const auto& [name, value] : response.headers) add(name.c_str(), value);
  if (after == AfterResponse::kClose) add(MHD_HTTP_HEADER_CONNECTION, "close");
  return MHD_queue_response(connection, static_cast<unsigned>(response.status), made.get());
}

}  // namespace headroom
