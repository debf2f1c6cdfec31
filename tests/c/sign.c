/* Signing alone: the sandbox, which verifies signatures on its own, accepts what was signed. */

#include "test.h"

#include <stdio.h>
#include <string.h>

#define LOOKUP "/v1/application/iscustomerinonlinehelp"
#define QUESTION "{ \"customerId\" : \"70022\" }"

/* As a later header may declare it. */
struct newer_headers {
  diyalog_signed_headers known;
  unsigned char unknown[24];
};

static void struct_has_no_padding(void) {
  CHECK_NUMBER(sizeof(diyalog_signed_headers), 2 * sizeof(int32_t) + 3 * sizeof(char *));
}

static void signed_request_is_accepted_by_the_server(const diyalog_client *client) {
  diyalog_signed_headers headers = DIYALOG_SIGNED_HEADERS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  char lines[1024];
  char response[4096];

  options.requester_user_id = "45187";
  CHECK_SUCCEEDED(diyalog_client_sign(client, "POST", LOOKUP, QUESTION, strlen(QUESTION), &options,
                                      &headers, &error));
  CHECK_TEXT(headers.requester_user_id, "45187");
  CHECK_NUMBER(headers.reserved, 0);
  CHECK_CONTAINS(headers.date, " GMT");
  CHECK_CONTAINS(headers.authorization, "DLGA " KEY_ID ":");
  snprintf(lines, sizeof lines,
           "x-dlg-date: %s\r\nx-dlg-requester-userid: %s\r\nx-dlg-authorization: %s\r\n",
           headers.date, headers.requester_user_id, headers.authorization);
  exchange("POST", LOOKUP, lines, QUESTION, response, sizeof response);
  CHECK_CONTAINS(response, "HTTP/1.1 200");
  CHECK_CONTAINS(response, "\"staffId\": \"45001\"");
  /* The signature covers the body. */
  exchange("POST", LOOKUP, lines, "{ \"customerId\" : \"70023\" }", response, sizeof response);
  CHECK_CONTAINS(response, "HTTP/1.1 401");
  diyalog_signed_headers_clear(&headers);
}

static void any_bytes_are_signed(const diyalog_client *client) {
  diyalog_signed_headers headers = DIYALOG_SIGNED_HEADERS_INIT;

  CHECK_SUCCEEDED(diyalog_client_sign(client, "GET", "/gateway/v1", NULL, 0, NULL, &headers, &error));
  CHECK_TEXT(headers.requester_user_id, "45186");
  diyalog_signed_headers_clear(&headers);
  CHECK_SUCCEEDED(
      diyalog_client_sign(client, "POST", "/v1", "\0\xff\xfe", 3, NULL, &headers, &error));
  diyalog_signed_headers_clear(&headers);
}

static void clearing_twice_does_nothing(const diyalog_client *client) {
  diyalog_signed_headers headers = DIYALOG_SIGNED_HEADERS_INIT;

  CHECK_SUCCEEDED(diyalog_client_sign(client, "POST", "/v1", "{}", 2, NULL, &headers, &error));
  diyalog_signed_headers_clear(&headers);
  CHECK(headers.date == NULL && headers.requester_user_id == NULL && headers.authorization == NULL);
  CHECK_NUMBER(headers.struct_size, sizeof headers);
  diyalog_signed_headers_clear(&headers);
  diyalog_signed_headers_clear(NULL);
}

static void larger_struct_is_accepted_and_not_overrun(const diyalog_client *client) {
  struct newer_headers headers;
  unsigned char untouched[24];

  memset(&headers, 0xa5, sizeof headers);
  memset(untouched, 0xa5, sizeof untouched);
  headers.known.struct_size = sizeof headers;
  CHECK_SUCCEEDED(diyalog_client_sign(client, "POST", "/v1", "{}", 2, NULL, &headers.known, &error));
  CHECK_CONTAINS(headers.known.authorization, "DLGA ");
  diyalog_signed_headers_clear(&headers.known);
  CHECK_NUMBER(headers.known.struct_size, sizeof headers);
  CHECK(memcmp(headers.unknown, untouched, sizeof untouched) == 0);
}

static void invalid_arguments_are_named(const diyalog_client *client) {
  static const char *const methods[] = {"", "PO ST", "POST\n", "P\xc3\xb6ST"};
  static const char *const paths[] = {"", "v1", "/v1?a=1", "/v1#a", "/v 1", "/v1\r\n", "/\xc5\x9f"};
  const uint32_t sizes[] = {0, 4, (uint32_t)sizeof(diyalog_signed_headers) - 1};
  diyalog_signed_headers headers = DIYALOG_SIGNED_HEADERS_INIT;
  diyalog_signed_headers before = headers;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  size_t i;

#define REJECTED(client, method, path, body, length, options, argument, part)                        \
  CHECK_REJECTED(                                                                                    \
      diyalog_client_sign(client, method, path, body, length, options, &headers, &error), argument,  \
      part)

  REJECTED(NULL, "POST", "/v1", "{}", 2, NULL, "client", "is NULL");
  REJECTED(client, NULL, "/v1", "{}", 2, NULL, "method", "is NULL");
  REJECTED(client, NOT_UTF8, "/v1", "{}", 2, NULL, "method", "is not valid UTF-8");
  REJECTED(client, "POST", NULL, "{}", 2, NULL, "path", "is NULL");
  REJECTED(client, "POST", NOT_UTF8, "{}", 2, NULL, "path", "is not valid UTF-8");
  REJECTED(client, "POST", "/v1", NULL, 2, NULL, "body", "is NULL");
  for (i = 0; i < sizeof methods / sizeof methods[0]; i++) {
    REJECTED(client, methods[i], "/v1", "{}", 2, NULL, "method", "is not an HTTP method");
  }
  for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    REJECTED(client, "POST", paths[i], "{}", 2, NULL, "path", "");
  }
  options.requester_user_id = "a\nb";
  REJECTED(client, "POST", "/v1", "{}", 2, &options, "requester_user_id", "must not contain control");
  options.struct_size = 4;
  REJECTED(client, "POST", "/v1", "{}", 2, &options, "options", "has a struct_size");
  CHECK(memcmp(&headers, &before, sizeof headers) == 0);

  for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    headers.struct_size = sizes[i];
    REJECTED(client, "POST", "/v1", "{}", 2, NULL, "headers", "has a struct_size of ");
    diyalog_signed_headers_clear(&headers);
    CHECK(headers.authorization == NULL);
  }
#undef REJECTED
  CHECK_REJECTED(diyalog_client_sign(client, "POST", "/v1", "{}", 2, NULL, NULL, &error), "headers",
                 "is NULL");
}

void test_sign(void) {
  diyalog_client *client = sandbox_client();

  struct_has_no_padding();
  signed_request_is_accepted_by_the_server(client);
  any_bytes_are_signed(client);
  clearing_twice_does_nothing(client);
  larger_struct_is_accepted_and_not_overrun(client);
  invalid_arguments_are_named(client);
  diyalog_client_free(client);
}
