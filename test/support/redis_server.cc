#include "test/support/redis_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace headroom::test {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(20);

const char* Binary() {
  const char* named = std::getenv("HEADROOM_TEST_REDIS");
  return named != nullptr ? named : "redis-server";
}

[[noreturn]] void Exec(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

bool RedisServer::Available() {
  const std::string command = std::string("command -v ") + Binary() + " > /dev/null";
  return std::system(command.c_str()) == 0;
}

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  Start();
}

RedisServer::~RedisServer() { Kill(); }

void RedisServer::Kill() {
  client_.reset();
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Start() {
  std::vector<std::string> arguments = {Binary(),
                                        "--port",
                                        "0",
                                        "--unixsocket",
                                        scratch_.Path("s"),
                                        "--dir",
                                        scratch_.folder(),
                                        "--save",
                                        "",
                                        "--enable-debug-command",
                                        "yes"};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) Exec(std::move(arguments), scratch_.Path("log"));
  AwaitReady();
}

void RedisServer::AwaitReady() {
  redis::ClientOptions options;
  options.endpoint = endpoint();
  client_ = std::make_unique<redis::Client>(options);
  const Deadline deadline(clock_, clock_.Now() + kStartLimit);
  // An error reply (NOAUTH, LOADING) is an answer, though not one that EnsureConnected likes.
  for (;;) {
    Status status = client_->EnsureConnected(deadline);
    if (status.ok() || status.error().kind == ErrorKind::kAuth) return;
    if (deadline.Expired() || waitpid(pid_, nullptr, WNOHANG) == pid_) {
      throw std::runtime_error("redis-server did not start: " + status.error().message);
    }
    poll(nullptr, 0, 10);
  }
}

Endpoint RedisServer::endpoint() const {
  Endpoint endpoint;
  endpoint.unix_path = scratch_.Path("s");
  return endpoint;
}

redis::Reply RedisServer::Do(std::initializer_list<std::string_view> command) {
  const Deadline deadline(clock_, clock_.Now() + kStartLimit);
  redis::Batch batch;
  batch.Add(command);
  Status connected = client_->EnsureConnected(deadline);
  if (!connected.ok()) throw std::runtime_error(connected.error().message);
  auto replies = client_->Run(batch, deadline);
  if (!replies.ok()) throw std::runtime_error(replies.error().message);
  return std::move(replies->front());
}

}  // namespace headroom::test
