// Refusals: what went wrong with the objects of one part. When not one of them may be read, it is
// the part that is unanswered, not its objects.
#pragma once

#include <cstddef>
#include <optional>

#include "collectors/result.h"

namespace headroom::redis {

class Refusals {
 public:
  void Answered() { ++answered_; }
  void Refused(const Error& error) {
    if (error.kind == ErrorKind::kPermission) {
      permission_ = error;
    } else {
      ++others_;
    }
  }
  // Engaged: there were objects, and each was refused for lack of permission.
  std::optional<Error> OfAll() const {
    return answered_ == 0 && others_ == 0 ? permission_ : std::nullopt;
  }

 private:
  std::size_t answered_ = 0;
  std::size_t others_ = 0;  // refused for another reason
  std::optional<Error> permission_;
};

}  // namespace headroom::redis
