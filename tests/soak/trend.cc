#include "tests/soak/trend.h"

namespace rondo {

double Trend::Slope() const {
  double mean_x = 0;
  double mean_y = 0;
  for (const Point& point : points_) {
    mean_x += point.x / points_.size();
    mean_y += point.y / points_.size();
  }
  double products = 0;
  double squares = 0;
  for (const Point& point : points_) {
    products += (point.x - mean_x) * (point.y - mean_y);
    squares += (point.x - mean_x) * (point.x - mean_x);
  }
  return squares == 0 ? 0 : products / squares;
}

}  // namespace rondo
