#include "net/http/coro/coroutine_handler.h"

#include <coroutine>
#include <exception>
#include <memory>
#include <utility>

#include "net/coro/task_context.h"
#include "net/coro/task_list.h"
#include "net/coro/task_root.h"
#include "net/http/coro/kept_request.h"
#include "net/http/held_exchange.h"
#include "net/http/http_call.h"
#include "net/http/http_loop.h"

namespace rondo {
namespace {

// What of a task's frame is to be stopped.
struct CurrentContext {
  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    context = frame.promise().context();
    return false;
  }
  TaskContext* await_resume() const { return context; }

  TaskContext* context = nullptr;
};

// A request, its answer, and the task between them.
class HttpTask {
 public:
  HttpTask(const HttpRequest& request, ResponseWriter& writer,
           TaskContext* context)
      : context_(context),
        exchange_(writer, [this] { HandleGone(); }),
        kept_(context->loop()->Local<KeptRequests>().Keep(request)),
        request_(&exchange_, kept_.get()),
        response_(&exchange_) {
    exchange_.Keep(kept_->body().size());
  }

  AsyncRequest& request() { return request_; }
  AsyncResponse& response() { return response_; }

  // The task has ended, with what it has thrown or null.
  void Finish(const std::exception_ptr& exception) {
    if (exception == nullptr) return exchange_.GiveUp();
    CallUser([&] { std::rethrow_exception(exception); });
    exchange_.Fail();
  }

 private:
  void HandleGone() {
    request_.HandleGone();
    response_.HandleGone();
    // A task that goes with its server does not hear of it.
    if (response_.answered() || exchange_.server_ends()) return;
    context_->RequestStop();
  }

  TaskContext* const context_;
  HeldExchange exchange_;
  const KeptRequests::Pointer kept_;
  AsyncRequest request_;
  AsyncResponse response_;
};

// `request` and `writer` are good until this first waits.
Task<> Serve(const CoroutineHttpHandler* handler, const HttpRequest* request,
             ResponseWriter* writer) {
  TaskContext* const context = co_await CurrentContext();
  HttpTask task(*request, *writer, context);
  std::exception_ptr exception;
  try {
    co_await (*handler)(task.request(), task.response());
  } catch (...) {
    exception = std::current_exception();
  }
  task.Finish(exception);
}

// Of the server, on this loop.
TaskList& TasksOf(HttpLoop& loop) {
  TaskList* const tasks = loop.context().Get<TaskList>();
  return tasks != nullptr ? *tasks : loop.context().Emplace<TaskList>();
}

}  // namespace

HttpHandler CoroutineHandler(CoroutineHttpHandler handler) {
  return [handler = std::move(handler)](const HttpRequest& request,
                                        ResponseWriter& writer) {
    HttpLoop& loop = HeldExchange::LoopOf(writer);
    auto root = std::make_unique<TaskRoot>(
        loop.event_loop(), TaskRoot::Home::kOneLoop,
        Serve(&handler, &request, &writer), /*owner=*/nullptr);
    TaskRoot::Start(std::move(root), TasksOf(loop));
  };
}

}  // namespace rondo
