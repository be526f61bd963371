#ifndef RONDO_TESTS_NET_MYSQL_MYSQL_WIRE_H_
#define RONDO_TESTS_NET_MYSQL_MYSQL_WIRE_H_

#include <string>
#include <string_view>

namespace rondo {

// What a MySQL server sends, for tests that are one: packets, each numbered
// after that which it answers.
//
// Reference: the MariaDB manual, "Client/Server Protocol".

// The first: how to log in.
std::string GreetingPacket(std::string_view auth_plugin);
// That a client is logged in.
std::string WelcomePacket();
// What a query has failed of.
std::string ErrorPacket(int error, std::string_view text);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_MYSQL_MYSQL_WIRE_H_
