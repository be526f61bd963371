#ifndef RONDO_BASE_LOG_FILE_H_
#define RONDO_BASE_LOG_FILE_H_

#include "absl/status/status.h"

namespace rondo {

// The file that --log_file names, to which a program's log is appended instead
// of being written to stderr. With no such flag these functions do nothing.
//
// The file takes the place of descriptor 2, so it also gets what is not logged
// but printed to stderr: the last words of a crash, a sanitizer's report.
//
// Rotation: rename the file, then have the program call ReopenLogFile(), by
// custom on SIGHUP. Lines go to the renamed file until then, to a new one from
// then on, and none is lost. A relative path is relative to the directory that
// the program is in at the time.

// Begins to log to the file, or says why it cannot. For InitProgram().
absl::Status OpenLogFile();

// Opens the file anew, making it if it is gone; if that fails, logs why and
// goes on with the old one. Thread-safe.
void ReopenLogFile();

}  // namespace rondo

#endif  // RONDO_BASE_LOG_FILE_H_
