/* Bad arguments: one clear error that names the argument, and nothing touched. */

#include "test.h"

#include <string.h>

#define NOT_UTF8 "\xff\xfe"

static void lookups(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_help_status before;

  status.is_in_help = 42;
  before = status;
#define REFUSED(client, customer_id, options, status, part)                                      \
  CHECK_FAILED(                                                                                  \
      diyalog_client_is_customer_in_online_help(client, customer_id, options, status, &error),   \
      DIYALOG_ERROR_INVALID_ARGUMENT, part)

  REFUSED(NULL, "70022", NULL, &status, "client is NULL");
  REFUSED(client, NULL, NULL, &status, "customer_id is NULL");
  REFUSED(client, "70022", NULL, NULL, "status is NULL");
  REFUSED(client, "", NULL, &status, "customer_id is empty");
  REFUSED(client, NOT_UTF8, NULL, &status, "customer_id is not valid UTF-8");

  options.requester_user_id = "";
  REFUSED(client, "70022", &options, &status, "requester_user_id");
  options.requester_user_id = NOT_UTF8;
  REFUSED(client, "70022", &options, &status, "requester_user_id is not valid UTF-8");
  options.requester_user_id = "45186\r\nx-dlg-date: then";
  REFUSED(client, "70022", &options, &status, "requester_user_id must not contain control");
  options.requester_user_id = " 45186";
  REFUSED(client, "70022", &options, &status, "requester_user_id must not begin or end");
#undef REFUSED
  CHECK(memcmp(&status, &before, sizeof status) == 0);
}

static void setters(void) {
  diyalog_config *config = diyalog_config_new();

#define REFUSED(call, part) CHECK_FAILED(call, DIYALOG_ERROR_INVALID_ARGUMENT, part)
#define TEXT_SETTER(setter, name)                                     \
  REFUSED(setter(NULL, "x", &error), "config is NULL");               \
  REFUSED(setter(config, NULL, &error), name " is NULL");             \
  REFUSED(setter(config, NOT_UTF8, &error), name " is not valid UTF-8")
#define HEADER_SETTER(setter, name)                                              \
  TEXT_SETTER(setter, name);                                                     \
  REFUSED(setter(config, "a\x01z", &error), name " must not contain control");   \
  REFUSED(setter(config, "a\x7fz", &error), name " must not contain control")
#define FLAG_SETTER(setter, name)                                     \
  REFUSED(setter(NULL, 1, &error), "config is NULL");                 \
  REFUSED(setter(config, 2, &error), name " must be 0 or 1");         \
  REFUSED(setter(config, -1, &error), name " must be 0 or 1")

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

  REFUSED(diyalog_config_set_credentials(NULL, "id", "s", &error), "config is NULL");
  REFUSED(diyalog_config_set_credentials(config, NULL, "s", &error), "access_key_id is NULL");
  REFUSED(diyalog_config_set_credentials(config, "id", NULL, &error), "access_key_secret is NULL");
  REFUSED(diyalog_config_set_credentials(config, "i\nd", "s", &error), "access_key_id must not");
  REFUSED(diyalog_config_set_credentials(config, "id", NOT_UTF8, &error), "access_key_secret is not");
  REFUSED(diyalog_config_set_credentials_bytes(config, "id", NULL, 3, &error), "secret is NULL");
  REFUSED(diyalog_config_set_credentials_bytes(config, NULL, (const uint8_t *)"s", 1, &error),
          "access_key_id is NULL");
  REFUSED(diyalog_config_set_date_zone(config, 2, &error), "date_zone");
  REFUSED(diyalog_config_set_date_zone(NULL, 0, &error), "config is NULL");
  REFUSED(diyalog_config_set_timeout_ms(NULL, 1, &error), "config is NULL");
  REFUSED(diyalog_config_set_max_retries(NULL, 1, &error), "config is NULL");
  REFUSED(diyalog_config_set_max_idle_connections(NULL, 1, &error), "config is NULL");
  REFUSED(diyalog_config_set_log_callback(NULL, NULL, NULL, 1, &error), "config is NULL");
  REFUSED(diyalog_config_set_log_callback(config, NULL, NULL, 0, &error), "max_level");
  REFUSED(diyalog_config_set_log_callback(config, NULL, NULL, 5, &error), "max_level");
  REFUSED(diyalog_config_load_env(NULL, &error), "config is NULL");
#undef REFUSED
  diyalog_config_free(config);
}

static void clients(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *untouched = (diyalog_client *)config;

  CHECK_FAILED(diyalog_client_new(NULL, &untouched, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "config is NULL");
  CHECK_FAILED(diyalog_client_new(config, NULL, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "client is NULL");
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://", &error));
  CHECK_FAILED(diyalog_client_new(config, &untouched, &error), DIYALOG_ERROR_INVALID_CONFIG,
               "endpoint");
  CHECK(untouched == (diyalog_client *)config);
  diyalog_config_free(config);
}

static void null_is_free(void) {
  diyalog_config_free(NULL);
  diyalog_client_free(NULL);
  diyalog_error_free(NULL);
  diyalog_help_status_clear(NULL);
}

void test_arguments(void) {
  diyalog_client *client = sandbox_client();

  lookups(client);
  setters();
  clients();
  null_is_free();
  diyalog_client_free(client);
}
