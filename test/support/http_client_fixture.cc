#include "test/support/http_client_fixture.h"

#include <gmock/gmock.h>

#include <csignal>
#include <utility>

#include "test/support/keeps_within.h"

namespace headroom::test {

using std::chrono::milliseconds;

HttpClientOptions HttpOptionsAt(std::uint16_t port) {
  HttpClientOptions options;
  options.endpoint.host = "127.0.0.1";
  options.endpoint.port = port;
  return options;
}

void ExpectError(const Error& error, ErrorKind kind, const std::string& text) {
  EXPECT_EQ(Name(error.kind), Name(kind)) << error.message;
  EXPECT_THAT(error.message, ::testing::HasSubstr(text));
}

void ExpectTimeout(HttpClient& client, const Clock& clock) {
  KeepsWithin(milliseconds(2000), [&] {
    const SteadyTime start = clock.Now();
    const auto reply = client.Get("/x", Deadline(clock, start + milliseconds(200)));
    const Duration took = clock.Now() - start;
    EXPECT_EQ(reply.ok() ? "ok" : Name(reply.error().kind), "timeout");
    EXPECT_GE(took, milliseconds(200));
    return took;
  });
}

HttpClientProtocol::HttpClientProtocol() { ::signal(SIGPIPE, SIG_IGN); }

Error HttpClientProtocol::GetError(ScriptedServer::Script script, HttpClientOptions options) const {
  const ScriptedServer server({std::move(script)});
  options.endpoint = OptionsFor(server).endpoint;
  HttpClient client(options);
  const auto reply = client.Get("/x", Ample());
  if (!reply.ok()) return reply.error();
  ADD_FAILURE() << "expected an error, got " << reply->status << ": " << reply->body;
  return Error{};
}

Result<HttpReply> HttpClientProtocol::GetReply(ScriptedServer::Script script) const {
  const ScriptedServer server({std::move(script)});
  HttpClient client(OptionsFor(server));
  return client.Get("/x", Ample());
}

}  // namespace headroom::test
