#include "net/http/files/directory_page.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "net/http/files/open_file.h"
#include "net/http/percent_encoding.h"

namespace rondo {
namespace {

void AppendEscaped(std::string_view text, std::string& to) {
  for (const char c : text) {
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '"':
        to += "&quot;";
        break;
      case '\'':
        to += "&#39;";
        break;
      default:
        to += c;
    }
  }
}

void AppendRow(const DirectoryListing::Entry& entry, std::string& to) {
  const bool directory = entry.kind == OpenFile::Kind::kDirectory;
  const char* const slash = directory ? "/" : "";
  to += "<tr><td><a href=\"";
  PercentEncode(entry.name, to);
  absl::StrAppend(&to, slash, "\">");
  AppendEscaped(entry.name, to);
  absl::StrAppend(&to, slash, "</a></td><td>");
  if (!directory) absl::StrAppend(&to, entry.bytes);
  absl::StrAppend(
      &to, "</td><td>",
      absl::FormatTime("%Y-%m-%d %H:%M", entry.modified, absl::UTCTimeZone()),
      "</td></tr>\n");
}

}  // namespace

std::string DirectoryPage(const FilePath& path,
                          const DirectoryListing& listing) {
  std::string title;
  AppendEscaped(path.ToString(), title);
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>", title,
      "</title></head>\n<body><h1>", title,
      "</h1>\n<table>\n<tr><th>Name</th><th>Bytes</th><th>Modified (UTC)</th>"
      "</tr>\n");
  if (!path.name().empty()) {
    page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
  }
  for (const auto& entry : listing.entries) AppendRow(entry, page);
  page += "</table>\n";
  if (!listing.complete) page += "<p>There are more.</p>\n";
  page += "</body></html>\n";
  return page;
}

}  // namespace rondo
