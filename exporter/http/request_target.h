// What both servers do alike with what a client sent and with what a handler answered.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/http/server.h"

namespace headroom {

// Request bodies mean nothing to us: read, dropped, and refused with 413 above this.
inline constexpr std::size_t kMaxRequestBody = std::size_t{64} * 1024;

// Fills path and query of `request` from the target of a request line (RFC 9112, section 3.2),
// origin or absolute form. %XX is decoded, '+' is a space in the query only; an escape that is not
// one stays as it is. A parameter without '=' has an empty value.
void ParseRequestTarget(std::string_view target, HttpRequest& request);

std::string LowerCase(std::string_view text);

// `response`, or a 500 in its place if it cannot be sent: no body, or no final status code.
HttpResponse Sendable(HttpResponse response);

// What a client gets when the handler threw, or dropped its reply.
HttpResponse InternalError();
// What a client gets when the server stops before its answer is there.
HttpResponse ShuttingDown();

// Calls `handler` as the contract says: nothing is thrown, and an exception becomes a logged 500.
void CallHandler(const HttpHandler& handler, const HttpRequest& request,
                 const std::shared_ptr<HttpReply>& reply,
                 const std::function<void(std::string_view)>& log);

// A library's message as one bounded, printable line.
std::string OneLine(std::string_view message);

}  // namespace headroom
