#include "exporter/http/request_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>

namespace headroom {
namespace {

enum class Plus { kIsPlus, kIsSpace };

std::string Decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i]);
    }
  }
  return decoded;
}

void ParseQuery(std::string_view query, HttpRequest& request) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    const std::string_view value = pair.substr(std::min(pair.size(), name.size() + 1));
    request.query.emplace_back(Decode(name, Plus::kIsSpace), Decode(value, Plus::kIsSpace));
  }
}

}  // namespace

void ParseRequestTarget(std::string_view target, HttpRequest& request) {
  if (const auto scheme = target.find("://"); scheme != target.npos && target.front() != '/') {
    const auto path = target.find_first_of("/?", scheme + 3);
    target = path == target.npos ? std::string_view("/") : target.substr(path);
  }
  const std::string_view path = target.substr(0, target.find('?'));
  request.path = path.empty() ? "/" : Decode(path, Plus::kIsPlus);
  if (path.size() < target.size()) ParseQuery(target.substr(path.size() + 1), request);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

HttpResponse Sendable(HttpResponse response) {
  const bool final_status = response.status >= 200 && response.status <= 599;
  return response.body != nullptr && final_status ? std::move(response) : InternalError();
}

HttpResponse InternalError() { return HttpResponse::Text(500, "internal error\n"); }

HttpResponse ShuttingDown() { return HttpResponse::Text(503, "shutting down\n"); }

void CallHandler(const HttpHandler& handler, const HttpRequest& request,
                 const std::shared_ptr<HttpReply>& reply,
                 const std::function<void(std::string_view)>& log) {
  std::string problem;
  try {
    handler(request, reply);
    return;
  } catch (const std::exception& e) {
    problem = e.what();
  } catch (...) {
    problem = "an exception of an unknown type";
  }
  reply->Send(InternalError());
  if (log) log(OneLine(fmt::format("{} {} failed: {}", request.method, request.path, problem)));
}

std::string OneLine(std::string_view message) {
  constexpr std::size_t kLongest = 500;
  std::string line(message.substr(0, kLongest));
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

}  // namespace headroom
