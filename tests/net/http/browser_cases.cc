// What browsers send.
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {

std::vector<RequestCase> BrowserCases() {
  return {
      {"Rfc9112_3_ChromeAsksForAPage",
       "GET /search?q=a%20b&hl=en HTTP/1.1\r\n"
       "Host: www.example.com\r\n"
       "Connection: keep-alive\r\n"
       "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
       "sec-ch-ua-mobile: ?0\r\n"
       "Upgrade-Insecure-Requests: 1\r\n"
       "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/124.0.0.0\r\n"
       "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
       "Accept-Encoding: gzip, deflate, br\r\n"
       "Cookie: id=1; theme=\"dark\"; t=a=b==\r\n"
       "If-None-Match: W/\"67ab43\"\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.path = "/search",
        .query = "q=a%20b&hl=en",
        .host = "www.example.com",
        .fields =
            {{"Host", "www.example.com"},
             {"Connection", "keep-alive"},
             {"sec-ch-ua", "\"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\""},
             {"sec-ch-ua-mobile", "?0"},
             {"Upgrade-Insecure-Requests", "1"},
             {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/124.0.0.0"},
             {"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"},
             {"Accept-Encoding", "gzip, deflate, br"},
             {"Cookie", "id=1; theme=\"dark\"; t=a=b=="},
             {"If-None-Match", "W/\"67ab43\""}}}},
      {"Rfc9112_3_FirefoxPostsAForm",
       "POST /login HTTP/1.1\r\n"
       "Host: localhost:8080\r\n"
       "User-Agent: Mozilla/5.0 (X11; rv:125.0) Gecko/20100101 Firefox\r\n"
       "Accept-Language: en-US,en;q=0.5\r\n"
       "Content-Type: application/x-www-form-urlencoded\r\n"
       "Content-Length: 27\r\n"
       "Origin: http://localhost:8080\r\n"
       "DNT: 1\r\n"
       "Connection: keep-alive\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.method = "POST",
        .path = "/login",
        .host = "localhost:8080",
        .framing = BodyFraming::kLength,
        .content_length = 27,
        .fields = {{"Host", "localhost:8080"},
                   {"User-Agent",
                    "Mozilla/5.0 (X11; rv:125.0) Gecko/20100101 Firefox"},
                   {"Accept-Language", "en-US,en;q=0.5"},
                   {"Content-Type", "application/x-www-form-urlencoded"},
                   {"Content-Length", "27"},
                   {"Origin", "http://localhost:8080"},
                   {"DNT", "1"},
                   {"Connection", "keep-alive"}}}},
      {"Rfc9112_3_SafariOverIpv6",
       "GET /favicon.ico HTTP/1.1\r\n"
       "Host: [::1]:8080\r\n"
       "Accept: */*\r\n"
       "Connection: keep-alive\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.path = "/favicon.ico",
        .host = "[::1]:8080",
        .fields = {{"Host", "[::1]:8080"},
                   {"Accept", "*/*"},
                   {"Connection", "keep-alive"}}}},
      {"Rfc9110_7_8_WebSocketHandshake",
       "GET /chat HTTP/1.1\r\n"
       "Host: server.example.com\r\n"
       "Upgrade: websocket\r\n"
       "Connection: keep-alive, Upgrade\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
       "Sec-WebSocket-Version: 13\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.path = "/chat",
        .host = "server.example.com",
        .fields = {{"Host", "server.example.com"},
                   {"Upgrade", "websocket"},
                   {"Connection", "keep-alive, Upgrade"},
                   {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                   {"Sec-WebSocket-Version", "13"}}}},
      {"Rfc9110_9_3_7_PreflightOfAScript",
       "OPTIONS /api/items/7 HTTP/1.1\r\n"
       "Host: api.example.com\r\n"
       "Access-Control-Request-Method: DELETE\r\n"
       "Access-Control-Request-Headers: content-type,x-token\r\n"
       "Origin: https://example.com\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.method = "OPTIONS",
        .path = "/api/items/7",
        .host = "api.example.com",
        .fields = {{"Host", "api.example.com"},
                   {"Access-Control-Request-Method", "DELETE"},
                   {"Access-Control-Request-Headers", "content-type,x-token"},
                   {"Origin", "https://example.com"}}}},
      {"Rfc9112_3_2_2_BrowserBehindAProxy",
       "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\n"
       "Host: www.example.org\r\n"
       "Proxy-Connection: keep-alive\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.form = RequestTarget::Form::kAbsolute,
        .path = "/pub/WWW/TheProject.html",
        .host = "www.example.org",
        .fields = {{"Host", "www.example.org"},
                   {"Proxy-Connection", "keep-alive"}}}},
      {"Rfc9112_3_2_3_BrowserAsksForATunnel",
       "CONNECT www.example.org:443 HTTP/1.1\r\n"
       "Host: www.example.org:443\r\n"
       "Proxy-Connection: keep-alive\r\n"
       "\r\n",
       HttpStatus::kOk,
       {.method = "CONNECT",
        .form = RequestTarget::Form::kAuthority,
        .path = "",
        .host = "www.example.org:443",
        .fields = {{"Host", "www.example.org:443"},
                   {"Proxy-Connection", "keep-alive"}}}},
  };
}

}  // namespace rondo
