// HttpClient against scripted servers: what its tests share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "collectors/net/http_client.h"
#include "exporter/system_clock.h"
#include "test/support/http_script.h"

namespace headroom::test {

HttpClientOptions HttpOptionsAt(std::uint16_t port);

void ExpectError(const Error& error, ErrorKind kind, const std::string& text);
// Fails at a deadline of 200 ms, and not long after it.
void ExpectTimeout(HttpClient& client, const Clock& clock);

class HttpClientProtocol : public ::testing::Test {
 protected:
  HttpClientProtocol();

  Deadline In(Duration d) const { return Deadline(clock_, clock_.Now() + d); }
  // Far longer than anything here takes: hitting it is a failure.
  Deadline Ample() const { return In(std::chrono::seconds(20)); }

  static HttpClientOptions OptionsFor(const ScriptedServer& server) {
    return HttpOptionsAt(server.port());
  }

  // What one request to a server with this script fails with.
  Error GetError(ScriptedServer::Script script, HttpClientOptions options = {}) const;
  Result<HttpReply> GetReply(ScriptedServer::Script script) const;

  SystemClock clock_;
};

}  // namespace headroom::test
