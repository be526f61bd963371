#ifndef RONDO_NET_HTTP_FILES_DIRECTORY_PAGE_H_
#define RONDO_NET_HTTP_FILES_DIRECTORY_PAGE_H_

#include <string>
#include <string_view>

#include "net/http/files/directory_listing.h"
#include "net/http/files/file_path.h"

namespace rondo {

inline constexpr std::string_view kDirectoryPageType =
    "text/html; charset=utf-8";

// A folder as a page to be looked at. Whatever the files are called, their
// names are text in it, and its links lead into the folder, or one up.
std::string DirectoryPage(const FilePath& path,
                          const DirectoryListing& listing);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_DIRECTORY_PAGE_H_
