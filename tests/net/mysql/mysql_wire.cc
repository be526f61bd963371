#include "tests/net/mysql/mysql_wire.h"

#include <glog/logging.h>

namespace rondo {
namespace {

// Its size in three bytes, the lowest first, and its number.
std::string Packet(char number, std::string_view payload) {
  CHECK_LT(payload.size(), 128u);
  return std::string({static_cast<char>(payload.size()), 0, 0, number}) +
         std::string(payload);
}

// Of text with zeros in it.
template <size_t kSize>
std::string Bytes(const char (&literal)[kSize]) {
  return std::string(literal, kSize - 1);
}

}  // namespace

std::string GreetingPacket(std::string_view auth_plugin) {
  const std::string head = Bytes(
      "\x0a"
      "5.5.5-10.11.0-MariaDB\0"
      "\1\0\0\0"          // connection id
      "abcdefgh\0"        // first part of the challenge
      "\x09\x82\x2d\2\0"  // capabilities, character set, status
      "\x08\0\x15"        // more capabilities, length of the challenge
      "\0\0\0\0\0\0\0\0\0\0"
      "ijklmnopqrst\0");  // the rest of it
  return Packet(0, head + std::string(auth_plugin) + '\0');
}

std::string WelcomePacket() { return Packet(2, Bytes("\0\0\0\2\0\0\0")); }

std::string ErrorPacket(int error, std::string_view text) {
  return Packet(1, std::string({'\xff', static_cast<char>(error & 0xff),
                                static_cast<char>(error >> 8)}) +
                       "#42000" + std::string(text));
}

}  // namespace rondo
