/* Every documented error response, with its code, status and advice. */

#include "test.h"

#include <stdio.h>
#include <string.h>

static int32_t look_up(const diyalog_client *client, diyalog_error **error) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_help_status before = status;
  int32_t code = diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, error);

  if (code == DIYALOG_OK) {
    diyalog_help_status_clear(&status);
  } else {
    CHECK(memcmp(&status, &before, sizeof status) == 0);
  }
  return code;
}

static void check_error(const diyalog_client *client, int32_t expected, int32_t http_status,
                        int32_t retryable, const char *part) {
  diyalog_error *error = NULL;

  CHECK_NUMBER(look_up(client, &error), expected);
  CHECK_NUMBER(diyalog_error_code(error), expected);
  CHECK_NUMBER(diyalog_error_http_status(error), http_status);
  CHECK_NUMBER(diyalog_error_is_retryable(error), retryable);
  CHECK_CONTAINS(diyalog_error_message(error), part);
  diyalog_error_free(error);
}

struct row {
  int status;
  const char *body;
  int32_t code;
  int32_t retryable;
  const char *part;
};

static void responses_become_errors(const diyalog_client *client) {
  static const struct row rows[] = {
      {400, "Required headers not found", DIYALOG_ERROR_HEADERS_MISSING, 0, "x-dlg"},
      {400, "Authorization failed due to data format not valid", DIYALOG_ERROR_AUTHORIZATION_FORMAT,
       0, "access_key_id"},
      {400, "Authorization failed due to date not valid", DIYALOG_ERROR_DATE_FORMAT, 0, "date_zone"},
      {400, "<html>Bad Request</html>", DIYALOG_ERROR_HTTP_STATUS, 0, "Bad Request"},
      {401, "Authorization failed", DIYALOG_ERROR_UNAUTHORIZED, 0, "access_key_secret"},
      {403, "<html>Forbidden by policy</html>", DIYALOG_ERROR_HTTP_STATUS, 0, "firewall"},
      {404, "not here", DIYALOG_ERROR_HTTP_STATUS, 0, "endpoint"},
      {408, "", DIYALOG_ERROR_HTTP_STATUS, 1, "408"},
      {429, "", DIYALOG_ERROR_HTTP_STATUS, 1, "429"},
      {500, "\xc3\x87\xc3\xb6kt\xc3\xbc", DIYALOG_ERROR_SERVER, 1, "\xc3\x87\xc3\xb6kt\xc3\xbc"},
      {501, "", DIYALOG_ERROR_HTTP_STATUS, 0, "501"},
      {502, "", DIYALOG_ERROR_HTTP_STATUS, 1, "502"},
      {503, "", DIYALOG_ERROR_HTTP_STATUS, 1, "503"},
      {504, "", DIYALOG_ERROR_HTTP_STATUS, 1, "504"},
      {204, "", DIYALOG_ERROR_HTTP_STATUS, 0, "204"},
      {302, "", DIYALOG_ERROR_HTTP_STATUS, 0, "redirects are not followed"},
      {407, "", DIYALOG_ERROR_PROXY, 0, "proxy"},
      {200, "{}", DIYALOG_ERROR_INVALID_RESPONSE, 0, "isInHelp"},
      {200, "<html>", DIYALOG_ERROR_INVALID_RESPONSE, 0, "not with the documented JSON"},
      {200, "{\\\"isInHelp\\\":1}", DIYALOG_ERROR_INVALID_RESPONSE, 0, "boolean"},
  };
  size_t i;

  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    answer_next(rows[i].status, rows[i].body);
    check_error(client, rows[i].code, rows[i].status, rows[i].retryable, rows[i].part);
  }
}

static void wrong_key_is_unauthorized(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_credentials(config, KEY_ID, "not-the-secret", &error));
  client = client_of(config);
  check_error(client, DIYALOG_ERROR_UNAUTHORIZED, 401, 0, "Authorization failed");
  diyalog_client_free(client);
}

static void clock_skew_is_reported_without_correction(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_clock_correction(config, 0, &error));
  client = client_of(config);
  control("PUT", "/sandbox/clock", "{\"offsetSeconds\":7200}");
  check_error(client, DIYALOG_ERROR_CLOCK_SKEW, 403, 0, "ahead of this machine's");
  control("PUT", "/sandbox/clock", "{\"offsetSeconds\":0}");
  diyalog_client_free(client);
}

static void broken_and_silent_connections_are_reported(const diyalog_client *client) {
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  control("POST", "/sandbox/faults", "{\"kind\":\"close\",\"times\":2}");
  check_error(client, DIYALOG_ERROR_CONNECTION_LOST, 0, 1, "127.0.0.1");
  control("DELETE", "/sandbox/faults", NULL);

  control("POST", "/sandbox/faults", "{\"kind\":\"silence\"}");
  options.timeout_ms = 300;
  CHECK_FAILED(diyalog_client_is_customer_in_online_help(client, "70022", &options, &status, &error),
               DIYALOG_ERROR_TIMEOUT, "within 300 ms");
  control("DELETE", "/sandbox/faults", NULL);
}

static void unreachable_server_is_reported(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "http://127.0.0.1:1", &error));
  client = client_of(config);
  check_error(client, DIYALOG_ERROR_CONNECT, 0, 1, "127.0.0.1 port 1");
  diyalog_client_free(client);
}

static void retry_after_is_that_of_the_response(const diyalog_client *client) {
  static const struct {
    const char *header;
    uint32_t milliseconds;
  } rows[] = {{"", 0}, {"120", 120000}, {"99999999999", UINT32_MAX}};
  char fault[512];
  size_t i;

  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    diyalog_error *error = NULL;
    if (rows[i].header[0] == '\0') {
      answer_next(503, "");
    } else {
      snprintf(fault, sizeof fault,
               "{\"kind\":\"answer\",\"status\":503,\"body\":\"\",\"headers\":{\"Retry-After\":\"%s\"}}",
               rows[i].header);
      control("POST", "/sandbox/faults", fault);
    }
    CHECK_NUMBER(look_up(client, &error), DIYALOG_ERROR_HTTP_STATUS);
    CHECK_NUMBER(diyalog_error_retry_after_ms(error), rows[i].milliseconds);
    CHECK_TEXT(diyalog_error_argument(error), NULL);
    diyalog_error_free(error);
  }
}

static void every_code_has_a_name(void) {
  CHECK_TEXT(diyalog_error_code_name(DIYALOG_OK), "OK");
  CHECK_TEXT(diyalog_error_code_name(DIYALOG_ERROR_CANCELLED), "CANCELLED");
  CHECK_TEXT(diyalog_error_code_name(DIYALOG_ERROR_TIMEOUT), "TIMEOUT");
  CHECK_TEXT(diyalog_error_code_name(DIYALOG_ERROR_INTERNAL), "INTERNAL");
  CHECK_TEXT(diyalog_error_code_name(4), "");
  CHECK_TEXT(diyalog_error_code_name(-1), "");
}

static void error_functions_accept_null(void) {
  CHECK_NUMBER(diyalog_error_code(NULL), DIYALOG_OK);
  CHECK_TEXT(diyalog_error_message(NULL), "");
  CHECK_NUMBER(diyalog_error_http_status(NULL), 0);
  CHECK_NUMBER(diyalog_error_is_retryable(NULL), 0);
  CHECK_TEXT(diyalog_error_argument(NULL), NULL);
  CHECK_NUMBER(diyalog_error_retry_after_ms(NULL), 0);
  diyalog_error_free(NULL);
}

void test_errors(void) {
  diyalog_client *client = sandbox_client();

  responses_become_errors(client);
  wrong_key_is_unauthorized();
  clock_skew_is_reported_without_correction();
  broken_and_silent_connections_are_reported(client);
  unreachable_server_is_reported();
  retry_after_is_that_of_the_response(client);
  every_code_has_a_name();
  error_functions_accept_null();
  /* After all errors the client is still usable. */
  CHECK_SUCCEEDED(look_up(client, &error));
  diyalog_client_free(client);
}
