// From an HttpResponse to libmicrohttpd's.
#pragma once

#include <microhttpd.h>

#include <functional>
#include <string_view>

#include "exporter/http/server.h"

namespace headroom {

enum class AfterResponse { kKeepAlive, kClose };

// Queues `response` on `connection`, without a copy of the body: it is kept alive until the library
// is done with it. Precondition: Sendable(). MHD_NO closes the connection.
MHD_Result QueueResponse(MHD_Connection* connection, const HttpResponse& response,
                         AfterResponse after, const std::function<void(std::string_view)>& log);

}  // namespace headroom
