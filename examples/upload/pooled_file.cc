#include "examples/upload/pooled_file.h"

#include <string_view>

namespace rondo::examples {

std::atomic<size_t> PooledFile::count_ = 0;

std::shared_ptr<PooledFile> PooledFile::Make(ThreadPool& pool,
                                             std::unique_ptr<ReceivedFile> file,
                                             ResponseWriter& writer) {
  if (++count_ > pool.max_queued_tasks()) {
    --count_;
    return nullptr;
  }
  return Pointer(new PooledFile(pool, std::move(file), writer.Defer()));
}

BodyReader PooledFile::Reader(Pointer self) {
  return {
      .on_data =
          [self](ResponseWriter& writer, std::string_view piece) {
            writer.PauseBody();
            Append(self, std::string(piece));
          },
      .on_end = [self](ResponseWriter&, const HttpTrailers&) { Finish(self); },
      .on_abort = [self] { Abandon(self); }};
}

void PooledFile::Append(const Pointer& self, std::string piece) {
  self->Submit([self, file = std::move(self->file_),
                piece = std::move(piece)]() mutable {
    if (file->Append(piece)) return GiveBack(self, std::move(file));
    self->answer_.Send(file->Finish());
  });
}

void PooledFile::Finish(const Pointer& self) {
  self->Submit([self, file = std::move(self->file_)] {
    self->answer_.Send(file->Finish());
  });
}

void PooledFile::Abandon(const Pointer& self) {
  if (self->file_ == nullptr) return;  // GiveBack() sees to it
  self->Submit(
      [self, file = std::move(self->file_)]() mutable { file.reset(); });
}

void PooledFile::GiveBack(const Pointer& self,
                          std::unique_ptr<ReceivedFile> file) {
  self->answer_.Run(
      [self, file = std::move(file)](ResponseWriter* writer) mutable {
        self->file_ = std::move(file);
        if (writer == nullptr) return Abandon(self);  // nobody sends any more
        writer->ResumeBody();
      });
}

// It is refused only if the pool has stopped, with its server.
void PooledFile::Submit(ThreadPool::Task step) {
  (void)pool_.Submit(std::move(step));
}

}  // namespace rondo::examples
