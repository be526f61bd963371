// Byte queues: rondo::Buffer, std::string (append and erase) and libevent's
// evbuffer.
//
//   bazel run -c opt //tools/bench/micro:buffer_bench
//
// echo:64, echo:4096   Append that many bytes, consume them: a message comes
//                      in whole and goes out whole.
// split:64             Append 4,096 bytes, consume them 64 at a time: many
//                      small messages came in one read.
// header               Append 64 bytes, prepend 4, consume all.
// crlf                 Find the end of a line of 80 bytes among 1,024.
//
// Expect Rondo far below evbuffer where messages are small, and far below
// std::string in `split`, where that moves its bytes for each message; with one
// message at a time std::string is its equal or better. `echo:4096` is one big
// memcpy and depends on where the allocator put its two blocks.

#include <benchmark/benchmark.h>
#include <event2/buffer.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/tcp/buffer.h"
#include "tools/bench/micro/ratio_main.h"

namespace rondo::bench {
namespace {

// The contenders.

class RondoBuffer {
 public:
  void Append(std::string_view bytes) { buffer_.Append(bytes); }
  void Prepend(std::string_view bytes) { buffer_.Prepend(bytes); }
  void Consume(size_t bytes) { buffer_.Consume(bytes); }
  size_t FindCrlf() { return buffer_.FindCrlf().value_or(0); }

 private:
  Buffer buffer_;
};

class StdString {
 public:
  void Append(std::string_view bytes) { string_.append(bytes); }
  void Prepend(std::string_view bytes) { string_.insert(0, bytes); }
  void Consume(size_t bytes) { string_.erase(0, bytes); }
  size_t FindCrlf() { return string_.find("\r\n"); }

 private:
  std::string string_;
};

class Evbuffer {
 public:
  void Append(std::string_view bytes) {
    evbuffer_add(buffer_.get(), bytes.data(), bytes.size());
  }
  void Prepend(std::string_view bytes) {
    evbuffer_prepend(buffer_.get(), bytes.data(), bytes.size());
  }
  void Consume(size_t bytes) { evbuffer_drain(buffer_.get(), bytes); }
  size_t FindCrlf() {
    return evbuffer_search_eol(buffer_.get(), nullptr, nullptr,
                               EVBUFFER_EOL_CRLF_STRICT)
        .pos;
  }

 private:
  std::unique_ptr<evbuffer, void (*)(evbuffer*)> buffer_{evbuffer_new(),
                                                         evbuffer_free};
};

// The workloads.

template <typename Contender, size_t kBytes>
void Echo(benchmark::State& state) {
  Contender buffer;
  const std::string message(kBytes, 'x');
  for (auto _ : state) {
    buffer.Append(message);
    benchmark::ClobberMemory();
    buffer.Consume(kBytes);
  }
}

template <typename Contender>
void Split(benchmark::State& state) {
  constexpr size_t kMessages = 64;
  constexpr size_t kBytes = 64;
  Contender buffer;
  const std::string block(kMessages * kBytes, 'x');
  for (auto _ : state) {
    buffer.Append(block);
    for (size_t i = 0; i < kMessages; ++i) {
      benchmark::ClobberMemory();
      buffer.Consume(kBytes);
    }
  }
}

template <typename Contender>
void Header(benchmark::State& state) {
  constexpr std::string_view kHeader = "1234";
  Contender buffer;
  const std::string message(64, 'x');
  for (auto _ : state) {
    buffer.Append(message);
    buffer.Prepend(kHeader);
    benchmark::ClobberMemory();
    buffer.Consume(kHeader.size() + message.size());
  }
}

template <typename Contender>
void Crlf(benchmark::State& state) {
  Contender buffer;
  std::string lines(1'024, 'x');
  lines.replace(80, 2, "\r\n");
  buffer.Append(lines);
  for (auto _ : state) {
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(buffer.FindCrlf());
  }
}

template <typename Contender>
void Register(const std::string& name) {
  const auto add = [&name](const std::string& group,
                           void (*run)(benchmark::State&)) {
    // Interleaving needs no long runs.
    benchmark::RegisterBenchmark((group + "/" + name).c_str(), run)
        ->MinTime(0.1);
  };
  add("echo:64", Echo<Contender, 64>);
  add("echo:4096", Echo<Contender, 4'096>);
  add("split:64", Split<Contender>);
  add("header", Header<Contender>);
  add("crlf", Crlf<Contender>);
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  rondo::bench::Register<rondo::bench::RondoBuffer>("rondo");
  rondo::bench::Register<rondo::bench::StdString>("string");
  rondo::bench::Register<rondo::bench::Evbuffer>("evbuffer");
  return rondo::bench::RatioMain(argc, argv);
}
