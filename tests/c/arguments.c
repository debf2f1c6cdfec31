/* Invalid arguments: one clear error that names the argument, and no output is written. */

#include "test.h"

#include <string.h>

static char too_long[8 * 1024 + 2];

static void lookups(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_help_status before;

  status.is_in_help = 42;
  before = status;
#define REJECTED(client, customer_id, options, status, argument, part)                            \
  CHECK_REJECTED(                                                                                 \
      diyalog_client_is_customer_in_online_help(client, customer_id, options, status, &error),    \
      argument, part)

  REJECTED(NULL, "70022", NULL, &status, "client", "is NULL");
  REJECTED(client, NULL, NULL, &status, "customer_id", "is NULL");
  REJECTED(client, "70022", NULL, NULL, "status", "is NULL");
  REJECTED(client, "", NULL, &status, "customer_id", "is empty");
  REJECTED(client, NOT_UTF8, NULL, &status, "customer_id", "is not valid UTF-8");
  REJECTED(client, "70022\n", NULL, &status, "customer_id", "must not contain control");
  REJECTED(client, "700\t22", NULL, &status, "customer_id", "must not contain control");
  REJECTED(client, "70022 ", NULL, &status, "customer_id", "must not begin or end with white space");
  REJECTED(client, " 70022", NULL, &status, "customer_id", "must not begin or end with white space");

  options.requester_user_id = "";
  REJECTED(client, "70022", &options, &status, "requester_user_id", "is empty");
  options.requester_user_id = NOT_UTF8;
  REJECTED(client, "70022", &options, &status, "requester_user_id", "is not valid UTF-8");
  options.requester_user_id = "45186\r\nx-dlg-date: then";
  REJECTED(client, "70022", &options, &status, "requester_user_id", "must not contain control");
  options.requester_user_id = " 45186";
  REJECTED(client, "70022", &options, &status, "requester_user_id", "must not begin or end");
  options.requester_user_id = too_long;
  REJECTED(client, "70022", &options, &status, "requester_user_id", "must not be longer than 8192");
#undef REJECTED
  CHECK(memcmp(&status, &before, sizeof status) == 0);
}

static void longest_header_value_is_sent(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.requester_user_id = too_long + 1;
  CHECK_SUCCEEDED(
      diyalog_client_is_customer_in_online_help(client, "70022", &options, &status, &error));
  diyalog_help_status_clear(&status);
}

static void setters(void) {
  diyalog_config *config = diyalog_config_new();

#define REJECTED(call, argument, part) CHECK_REJECTED(call, argument, part)
#define TEXT_SETTER(setter, name)                                    \
  REJECTED(setter(NULL, "x", &error), "config", "is NULL");          \
  REJECTED(setter(config, NULL, &error), name, "is NULL");           \
  REJECTED(setter(config, NOT_UTF8, &error), name, "is not valid UTF-8")
#define HEADER_SETTER(setter, name)                                              \
  TEXT_SETTER(setter, name);                                                     \
  REJECTED(setter(config, "", &error), name, "is empty");                        \
  REJECTED(setter(config, "a\x01z", &error), name, "must not contain control");  \
  REJECTED(setter(config, "a\x7fz", &error), name, "must not contain control");  \
  REJECTED(setter(config, too_long, &error), name, "must not be longer")
#define FLAG_SETTER(setter, name)                                    \
  REJECTED(setter(NULL, 1, &error), "config", "is NULL");            \
  REJECTED(setter(config, 2, &error), name, "must be 0 or 1");       \
  REJECTED(setter(config, -1, &error), name, "must be 0 or 1")

  TEXT_SETTER(diyalog_config_set_endpoint, "endpoint");
  TEXT_SETTER(diyalog_config_set_ca_file, "ca_file");
  TEXT_SETTER(diyalog_config_set_client_certificate_file, "client_certificate_file");
  TEXT_SETTER(diyalog_config_set_client_key_file, "client_key_file");
  TEXT_SETTER(diyalog_config_set_proxy, "proxy");
  HEADER_SETTER(diyalog_config_set_requester_user_id, "requester_user_id");
  HEADER_SETTER(diyalog_config_set_user_agent_suffix, "user_agent_suffix");
  FLAG_SETTER(diyalog_config_set_system_trust, "system_trust");
  FLAG_SETTER(diyalog_config_set_allow_plain_http, "allow_plain_http");
  FLAG_SETTER(diyalog_config_set_clock_correction, "clock_correction");

  REJECTED(diyalog_config_set_credentials(NULL, "id", "s", &error), "config", "is NULL");
  REJECTED(diyalog_config_set_credentials(config, NULL, "s", &error), "access_key_id", "is NULL");
  REJECTED(diyalog_config_set_credentials(config, "id", NULL, &error), "access_key_secret", "is NULL");
  REJECTED(diyalog_config_set_credentials(config, "i\nd", "s", &error), "access_key_id", "must not");
  REJECTED(diyalog_config_set_credentials(config, "id", NOT_UTF8, &error), "access_key_secret",
           "is not");
  REJECTED(diyalog_config_set_credentials_bytes(config, "id", NULL, 3, &error), "secret", "is NULL");
  REJECTED(diyalog_config_set_credentials_bytes(config, NULL, (const uint8_t *)"s", 1, &error),
           "access_key_id", "is NULL");
  REJECTED(diyalog_config_set_date_zone(config, 2, &error), "date_zone", "must be");
  REJECTED(diyalog_config_set_date_zone(NULL, 0, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_timeout_ms(NULL, 1, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_attempt_timeout_ms(NULL, 1, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_max_retries(NULL, 1, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_max_idle_connections(NULL, 1, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_log_callback(NULL, NULL, NULL, 1, &error), "config", "is NULL");
  REJECTED(diyalog_config_set_log_callback(config, NULL, NULL, 0, &error), "max_level", "must be");
  REJECTED(diyalog_config_set_log_callback(config, NULL, NULL, 5, &error), "max_level", "must be");
  REJECTED(diyalog_config_load_env(NULL, &error), "config", "is NULL");
#undef REJECTED
  diyalog_config_free(config);
}

static void variables(void) {
  CHECK_TEXT(diyalog_config_variable("endpoint"), "DIYALOG_ENDPOINT");
  CHECK_TEXT(diyalog_config_variable("access_key_id"), "DIYALOG_ACCESS_KEY_ID");
  CHECK_TEXT(diyalog_config_variable("access_key_secret"), "DIYALOG_ACCESS_KEY_SECRET");
  CHECK_TEXT(diyalog_config_variable("requester_user_id"), "DIYALOG_REQUESTER_USER_ID");
  CHECK_TEXT(diyalog_config_variable("timeout_ms"), "DIYALOG_TIMEOUT_MS");
  CHECK_TEXT(diyalog_config_variable("attempt_timeout_ms"), "DIYALOG_ATTEMPT_TIMEOUT_MS");
  CHECK_TEXT(diyalog_config_variable("max_retries"), "DIYALOG_MAX_RETRIES");
  CHECK_TEXT(diyalog_config_variable("ca_file"), "DIYALOG_CA_FILE");
  CHECK_TEXT(diyalog_config_variable("proxy"), "DIYALOG_PROXY");
  CHECK_TEXT(diyalog_config_variable("system_trust"), NULL);
  CHECK_TEXT(diyalog_config_variable("TIMEOUT_MS"), NULL);
  CHECK_TEXT(diyalog_config_variable(""), NULL);
  CHECK_TEXT(diyalog_config_variable(NOT_UTF8), NULL);
  CHECK_TEXT(diyalog_config_variable(NULL), NULL);
}

static void clients(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *untouched = (diyalog_client *)config;

  CHECK_REJECTED(diyalog_client_new(NULL, &untouched, &error), "config", "is NULL");
  CHECK_REJECTED(diyalog_client_new(config, NULL, &error), "client", "is NULL");
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://", &error));
  CHECK_FAILED(diyalog_client_new(config, &untouched, &error), DIYALOG_ERROR_INVALID_CONFIG,
               "endpoint");
  CHECK(untouched == (diyalog_client *)config);
  diyalog_config_free(config);
}

static void free_functions_ignore_null(void) {
  diyalog_config_free(NULL);
  diyalog_client_free(NULL);
  diyalog_error_free(NULL);
  diyalog_help_status_clear(NULL);
}

void test_arguments(void) {
  diyalog_client *client = sandbox_client();

  memset(too_long, '7', sizeof too_long - 1);
  lookups(client);
  longest_header_value_is_sent(client);
  setters();
  variables();
  clients();
  free_functions_ignore_null();
  diyalog_client_free(client);
}
