#include "net/http/router.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "net/http/http_chars.h"
#include "net/http/path_segments.h"
#include "net/http/route_pattern.h"

namespace rondo {

// No segment that a pattern can have is cut together with what follows it.
static_assert(RoutePattern::kMaxSegments < PathSegments::kMax);

// A place in the tree of all patterns.
struct Router::Node {
  MapByText<std::unique_ptr<Node>> literals;
  std::unique_ptr<Node> parameter;  // what follows {name}
  std::unique_ptr<Node> rest;       // {name...}, which nothing follows

  std::vector<const Route*> routes;  // that end here, one a method
  MethodSet methods = 0;             // theirs

  Node& Child(const RoutePattern::Part& part);
  const Route* Get(std::string_view method) const;
  const Route* Find(std::string_view method) const;
};

// What follows a segment of a pattern.
Router::Node& Router::Node::Child(const RoutePattern::Part& part) {
  const auto slot = [&]() -> std::unique_ptr<Node>& {
    switch (part.kind) {
      case RoutePattern::Kind::kParameter:
        return parameter;
      case RoutePattern::Kind::kRest:
        return rest;
      case RoutePattern::Kind::kLiteral:
        break;
    }
    return literals[part.text];
  };
  std::unique_ptr<Node>& child = slot();
  if (child == nullptr) child = std::make_unique<Node>();
  return *child;
}

// The route that has been added for this method, or null.
const Route* Router::Node::Get(std::string_view method) const {
  for (const Route* const route : routes) {
    if (route->method == method) return route;
  }
  return nullptr;
}

// The one that answers it.
const Route* Router::Node::Find(std::string_view method) const {
  const Route* any = nullptr;
  for (const Route* const route : routes) {
    if (route->method == method) return route;
    if (route->method == kAnyMethod) any = route;
  }
  if (method == "HEAD") {
    if (const Route* const route = Get("GET")) return route;
  }
  return any;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::Add(std::string_view method, std::string_view pattern,
                 HttpHandler handler, RouteOptions options) {
  CHECK(AreAll(HttpChars::kToken, method))
      << "route " << pattern << ": " << method << " is no method";
  CHECK(handler != nullptr)
      << "route " << method << " " << pattern << " has no handler";
  auto route = std::make_unique<Route>(Route{.method = std::string(method),
                                             .pattern = std::string(pattern),
                                             .handler = std::move(handler),
                                             .options = options,
                                             .index = routes_.size()});
  RoutePattern parsed = RoutePattern::Parse(pattern);
  Node* node = root_.get();
  for (RoutePattern::Part& part : parsed.parts) {
    node = &node->Child(part);
    if (part.kind != RoutePattern::Kind::kLiteral) {
      route->parameter_names.push_back(std::move(part.text));
    }
  }
  const Route* const other = node->Get(method);
  CHECK(other == nullptr) << "route " << method << " " << pattern
                          << " is there already, as " << other->pattern;
  if (route->parameter_names.empty()) exact_[route->pattern] = node;
  if (method != kAnyMethod) node->methods |= SetOf(method);
  if (method == "GET") node->methods |= SetOf("HEAD");
  node->routes.push_back(route.get());
  routes_.push_back(std::move(route));
}

// That one alone.
Router::MethodSet Router::SetOf(std::string_view method) {
  auto at = std::ranges::find(methods_, method);
  if (at == methods_.end()) {
    CHECK(methods_.size() < kMaxMethods)
        << "method " << method << " is one more than " << kMaxMethods;
    at = methods_.insert(at, std::string(method));
  }
  return MethodSet{1} << (at - methods_.begin());
}

std::string Router::Allow(MethodSet methods) const {
  std::string list;
  for (; methods != 0; methods &= methods - 1) {
    if (!list.empty()) list += ", ";
    list += methods_[std::countr_zero(methods)];
  }
  return list;
}

Router::MethodSet Router::all_methods() const {
  MethodSet all = 0;
  for (size_t i = 0; i < methods_.size(); ++i) all |= MethodSet{1} << i;
  return all;
}

// One walk through the tree.
class Router::Search {
 public:
  Search(std::string_view method, PathParameters& parameters)
      : method_(method), parameters_(parameters) {}

  const Route* Run(const Node& root) { return Walk(root, 0, nullptr); }

  // Of all places that the path leads to.
  MethodSet allowed() const { return allowed_; }

 private:
  // A parameter's value, and those before it.
  struct Taken {
    std::string_view value;
    const Taken* before;
  };

  // The route that the path leads to from `node`, which is behind the first
  // `depth` segments of it.
  const Route* Walk(const Node& node, size_t depth, const Taken* taken);
  const Route* End(const Node& node, const Taken* taken);

  const std::string_view method_;
  PathParameters& parameters_;
  MethodSet allowed_ = 0;
};

const Route* Router::Search::Walk(const Node& node, size_t depth,
                                  const Taken* taken) {
  const PathSegments& path = parameters_.segments();
  if (depth == path.size()) return End(node, taken);
  const std::string_view segment = path[depth];
  if (!node.literals.empty()) {
    const auto literal = node.literals.find(segment);
    if (literal != node.literals.end()) {
      const Route* const route = Walk(*literal->second, depth + 1, taken);
      if (route != nullptr) return route;
    }
  }
  if (node.parameter != nullptr && !segment.empty()) {
    const Taken now = {segment, taken};
    const Route* const route = Walk(*node.parameter, depth + 1, &now);
    if (route != nullptr) return route;
  }
  if (node.rest == nullptr) return nullptr;
  const Taken now = {path.From(depth), taken};
  return End(*node.rest, &now);
}

const Route* Router::Search::End(const Node& node, const Taken* taken) {
  const Route* const route = node.Find(method_);
  if (route == nullptr) {
    allowed_ |= node.methods;
    return nullptr;
  }
  // From the last to the first, as they have been taken.
  for (size_t i = route->parameter_names.size(); i > 0; --i) {
    parameters_.Add(route->parameter_names[i - 1], taken->value);
    taken = taken->before;
  }
  return route;
}

Router::Match Router::Find(std::string_view method, std::string_view path,
                           PathParameters& parameters) const {
  parameters.Clear();
  if (!exact_.empty()) {
    const auto exact = exact_.find(path);
    if (exact != exact_.end()) {
      const Route* const route = exact->second->Find(method);
      if (route != nullptr) return {.route = route};
    }
  }
  if (!path.starts_with('/') || !parameters.segments().Set(path)) return {};
  Search search(method, parameters);
  const Route* const route = search.Run(*root_);
  if (route != nullptr) return {.route = route};
  return {.allowed = search.allowed()};
}

}  // namespace rondo
