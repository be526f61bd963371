#ifndef RONDO_TESTS_SOAK_TREND_H_
#define RONDO_TESTS_SOAK_TREND_H_

#include <cstddef>
#include <vector>

namespace rondo {

// Points of a line with noise, and the slope of the line that fits them best
// (least squares). Threading: one thread at a time.
class Trend {
 public:
  void Add(double x, double y) { points_.push_back({x, y}); }
  size_t size() const { return points_.size(); }

  // Of y over x; 0 if there is nothing to tell it from.
  double Slope() const;

 private:
  struct Point {
    double x;
    double y;
  };

  std::vector<Point> points_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_TREND_H_
