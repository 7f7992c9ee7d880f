// What servers refuse, and what pq::Connection tells them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "test/collectors/pq_connection_fixture.h"
#include "test/support/scratch.h"

namespace headroom::pq {
namespace {

using test::Peer;
using test::ScriptedServer;
using test::pq::ErrorResponse;
using test::pq::ReadMessage;
using test::pq::ReadStartup;
using test::pq::ReadyForQuery;

using PqConnectionAccess = PqConnection;

TEST_F(PqConnectionAccess, RefusalsAtConnectAreToldApart) {
  const auto refuse = [&](std::string_view state, std::string_view text) {
    return ConnectError(AnswerStartup(ErrorResponse("FATAL", state, text)));
  };
  ExpectError(refuse("28P01", "password authentication failed"), ErrorKind::kAuth,
              "28P01 password authentication failed");
  ExpectError(refuse("53300", "sorry, too many clients already"), ErrorKind::kLimit, "53300");
  ExpectError(refuse("57P03", "the database system is starting up"), ErrorKind::kConnect,
              "starting up");
  ExpectError(refuse("08P01", "no more connections allowed (max_client_conn)"), ErrorKind::kLimit,
              "max_client_conn");
  ExpectError(refuse("08P01", "unsupported startup parameter: options"), ErrorKind::kUnsupported,
              "ignore_startup_parameters");
  ExpectError(refuse("3D000", "database \"d\" does not exist"), ErrorKind::kConnect, "3D000");
}

TEST_F(PqConnectionAccess, ServersOfAnotherKindAreNamedAsSuch) {
  ExpectError(ConnectError(AnswerStartup("HTTP/1.1 400 Bad Request\r\n\r\n")), ErrorKind::kConnect,
              "it is not a PostgreSQL server");
  ExpectError(ConnectError(AnswerStartup("-ERR unknown command\r\n")), ErrorKind::kConnect,
              "it is not a PostgreSQL server");
  ExpectError(ConnectError(AnswerStartup("HTTP/1.1 400 Bad Request\r\n\r\n"), " sslmode=prefer"),
              ErrorKind::kConnect, "it is not a PostgreSQL server");
}

TEST_F(PqConnectionAccess, ServerWithoutTlsIsNamedAsSuch) {
  ExpectError(ConnectError(AnswerStartup("N"), " sslmode=require"), ErrorKind::kConnect,
              "the server speaks no TLS");
}

TEST_F(PqConnectionAccess, WithTlsOptionsNothingIsSaidInTheClearWhateverTheEnvironmentSays) {
  std::string said = "not read";
  ::setenv("PGSSLMODE", "disable", 1);
  {
    const ScriptedServer server({[&said](Peer& peer) {
      ReadStartup(peer);
      peer.Send("N");
      said = peer.ReadSome();
    }});
    ConnectionOptions options;
    options.conninfo =
        fmt::format("host=127.0.0.1 port={} user=u sslmode='' password=hunter2", server.port());
    options.tls = TlsOptions{"", "/cert", "/key", ""};
    Connection connection(options);
    const Status connected = connection.Connect(Ample());
    ASSERT_FALSE(connected.ok());
    ExpectError(connected.error(), ErrorKind::kConnect, "the server speaks no TLS");
  }
  ::unsetenv("PGSSLMODE");
  EXPECT_EQ(said, "");
}

TEST_F(PqConnectionAccess, PasswordThatNobodyGaveIsAnAuthError) {
  ExpectError(ConnectError(AnswerStartup(test::pq::AuthenticationCleartextPassword()),
                           " passfile=/nonexistent"),
              ErrorKind::kAuth, "password_file");
}

TEST_F(PqConnectionAccess, PasswordFileThatIsLeftAloneIsNamedWhereThePasswordIsMissing) {
  const test::Scratch scratch;
  const std::string file = scratch.Write("pgpass", "*:*:*:*:right\n");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  ::testing::internal::CaptureStderr();
  const Error error =
      ConnectError(AnswerStartup(test::pq::AuthenticationCleartextPassword()), " passfile=" + file);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ExpectError(error, ErrorKind::kAuth, file + " was left alone");
}

TEST_F(PqConnectionAccess, PasswordIsReadAnewAndNeverShown) {
  const test::Scratch scratch;
  const ScriptedServer server({[](Peer& peer) {
    ReadStartup(peer);
    peer.Send(test::pq::AuthenticationCleartextPassword());
    const std::string password = ReadMessage(peer).substr(1);
    if (password == std::string("new\0", 4)) {
      peer.Send(test::pq::AuthenticationOk() + ReadyForQuery());
      ReadMessage(peer);
      peer.Send(ErrorResponse("ERROR", "42601", "syntax error near new") + ReadyForQuery());
    } else {
      peer.Send(ErrorResponse("FATAL", "28P01", "not " + password.substr(0, 7)));
    }
  }});
  ConnectionOptions options = OptionsFor(server);
  options.conninfo += " password=fromconninfo";
  options.password = {SecretSource::From::kFile, scratch.Path("password"), Secret()};
  Connection connection(options);
  scratch.Write("password", "hunter2\n");
  const Status refused = connection.Connect(Ample());
  ASSERT_FALSE(refused.ok());
  ExpectError(refused.error(), ErrorKind::kAuth, "28P01 not [password]");
  scratch.Write("password", "new\n");
  ASSERT_TRUE(connection.Connect(Ample()).ok());
  const Result<Table> echoed = connection.Query("SELECT", Ample());
  ASSERT_FALSE(echoed.ok());
  ExpectError(echoed.error(), ErrorKind::kProtocol, "near [password]");
}

}  // namespace
}  // namespace headroom::pq
