// HttpServer on libmicrohttpd (tried with 0.9.75): one thread, whatever the number of listeners,
// connections and waiting requests.
#include <thread>

#include "exporter/http/listener.h"
#include "exporter/http/microhttpd_loop.h"
#include "exporter/http/server.h"

namespace headroom {
namespace {

class MicrohttpdServer final : public HttpServer {
 public:
  MicrohttpdServer(std::unique_ptr<MicrohttpdLoop> loop, std::vector<std::string> addresses,
                   const Clock& clock)
      : clock_(clock),
        addresses_(std::move(addresses)),
        loop_(std::move(loop)),
        thread_([this] { loop_->Run(); }) {}
  ~MicrohttpdServer() override { StopWithin(std::chrono::seconds(1)); }

  const std::vector<std::string>& addresses() const override { return addresses_; }
  void Stop(std::chrono::milliseconds grace) override { StopWithin(grace); }

 private:
  void StopWithin(std::chrono::milliseconds grace) {
    loop_->RequestStop(clock_.Now() + grace);
    const std::lock_guard lock(joining_);
    if (thread_.joinable()) thread_.join();
  }

  const Clock& clock_;
  const std::vector<std::string> addresses_;
  const std::unique_ptr<MicrohttpdLoop> loop_;
  std::mutex joining_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> StartHttpServer(const HttpServerOptions& options,
                                                    HttpHandler handler, const Clock& clock) {
  auto listeners = OpenListeners(options.listen);
  if (!listeners) return std::move(listeners).error();
  std::vector<std::string> addresses;
  for (const Listener& listener : *listeners) addresses.push_back(listener.address());
  auto loop =
      MicrohttpdLoop::Create(std::move(listeners).value(), options, std::move(handler), clock);
  if (!loop) return std::move(loop).error();
  return std::unique_ptr<HttpServer>(
      std::make_unique<MicrohttpdServer>(std::move(loop).value(), std::move(addresses), clock));
}

}  // namespace headroom
