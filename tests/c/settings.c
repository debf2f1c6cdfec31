/* diyalog_client_new reports missing and invalid settings; valid ones have effect. */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static diyalog_config *without_credentials(void) {
  diyalog_config *config = diyalog_config_new();
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://api.example", &error));
  return config;
}

/* Checks that a client is rejected because of this setting, with this part in the message. */
static void check_rejected(diyalog_config *config, const char *setting, const char *part) {
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;
  int32_t code = diyalog_client_new(config, &client, &error);

  CHECK_TEXT(diyalog_error_argument(error), setting);
  CHECK(strncmp(diyalog_error_message(error), setting, strlen(setting)) == 0);
  CHECK(client == NULL);
  check_failed(code, DIYALOG_ERROR_INVALID_CONFIG, error, part, __FILE__, __LINE__);
  diyalog_config_free(config);
}

static void check_endpoint_rejected(const char *url, const char *part) {
  diyalog_config *config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, url, &error));
  check_rejected(config, "endpoint", part);
}

static void invalid_endpoints_are_rejected(void) {
  check_endpoint_rejected("", "is not set");
  check_endpoint_rejected("https://", "has no host");
  check_endpoint_rejected("api.example", "must begin with https://");
  check_endpoint_rejected("https://api.example?x=1", "must have no query");
  check_endpoint_rejected("https://api.example/#x", "must have no query and no fragment");
  check_endpoint_rejected("ftp://api.example", "must begin with https://");
  check_endpoint_rejected("http://api.example", "is plain http to api.example");
  check_endpoint_rejected("https://u:p@api.example", "must not contain a user name");
  check_endpoint_rejected("https://api.example:", "has a port");
  check_endpoint_rejected("https://api.example:+80", "has a port");
  check_endpoint_rejected("https://api.example:99999", "has a port");
  check_endpoint_rejected("https://api.example:4294967376", "has a port");
}

static void check_proxy_rejected(const char *url, const char *part) {
  diyalog_config *config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_proxy(config, url, &error));
  check_rejected(config, "proxy", part);
}

static void invalid_proxies_are_rejected(void) {
  check_proxy_rejected("socks5://u:s3cr3t-access-key@p:1", "must begin with http://");
  check_proxy_rejected("http://", "is not a URL");
  check_proxy_rejected("http://proxy:", "has a port");
  check_proxy_rejected("http://proxy:+80", "has a port");
  check_proxy_rejected("http://proxy:99999", "has a port");
  check_proxy_rejected("http://u:s3cr3t-access-key@proxy:4294967376", "has a port");
}

static void missing_settings_are_reported(void) {
  diyalog_config *config = diyalog_config_new();
  check_rejected(config, "endpoint", "is not set");
  check_rejected(without_credentials(), "access_key_id", "is not set");
  config = without_credentials();
  CHECK_SUCCEEDED(diyalog_config_set_credentials(config, "id", "", &error));
  check_rejected(config, "access_key_secret", "is not set");
}

static void invalid_settings_are_reported(void) {
  diyalog_config *config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_timeout_ms(config, 0, &error));
  check_rejected(config, "timeout_ms", "must lie between");

  config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_system_trust(config, 0, &error));
  check_rejected(config, "system_trust", "is 0 and ca_file is not set");

  config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_client_certificate_file(config, "c.pem", &error));
  check_rejected(config, "client_key_file", "client_certificate_file needs it");

  config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_client_key_file(config, "k.pem", &error));
  check_rejected(config, "client_certificate_file", "client_key_file needs it");

  config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://api.example", &error));
  CHECK_SUCCEEDED(diyalog_config_set_ca_file(config, "no-such-file.pem", &error));
  check_rejected(config, "ca_file", "no-such-file.pem cannot be read");
}

static void requester_of_a_call_overrides_the_clients(void) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, sandbox_url(), &error));
  CHECK_SUCCEEDED(diyalog_config_set_credentials_bytes(config, KEY_ID, (const uint8_t *)SECRET,
                                                       strlen(SECRET), &error));
  client = client_of(config);
  CHECK_FAILED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "requester_user_id is set neither");
  options.requester_user_id = "45186";
  CHECK_SUCCEEDED(
      diyalog_client_is_customer_in_online_help(client, "70022", &options, &status, &error));
  diyalog_help_status_clear(&status);
  diyalog_client_free(client);
}

static void settings_that_change_the_request(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  CHECK_SUCCEEDED(diyalog_config_set_date_zone(config, DIYALOG_DATE_ZONE_NUMERIC, &error));
  CHECK_SUCCEEDED(diyalog_config_set_user_agent_suffix(config, "switchboard/7 (\xc5\x9f)", &error));
  CHECK_SUCCEEDED(diyalog_config_set_max_idle_connections(config, 0, &error));
  CHECK_SUCCEEDED(diyalog_config_set_attempt_timeout_ms(config, 5000, &error));
  CHECK_SUCCEEDED(diyalog_config_set_requester_user_id(config, "\xc5\x9fule", &error));
  client = client_of(config);
  CHECK_SUCCEEDED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error));
  CHECK_TEXT(status.staff_id, "45001");
  diyalog_help_status_clear(&status);
  diyalog_client_free(client);
}

static void environment_is_read_on_request(void) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  set_variable("DIYALOG_ENDPOINT", sandbox_url());
  set_variable("DIYALOG_ACCESS_KEY_ID", KEY_ID);
  set_variable("DIYALOG_ACCESS_KEY_SECRET", SECRET);
  set_variable("DIYALOG_REQUESTER_USER_ID", "45186");
  set_variable("DIYALOG_TIMEOUT_MS", "soon");
  CHECK_FAILED(diyalog_config_load_env(config, &error), DIYALOG_ERROR_INVALID_CONFIG,
               "timeout_ms must be a whole number");
  CHECK_FAILED(diyalog_config_load_env(config, &error), DIYALOG_ERROR_INVALID_CONFIG,
               diyalog_config_variable("timeout_ms"));
  set_variable("DIYALOG_TIMEOUT_MS", "5000");
  CHECK_SUCCEEDED(diyalog_config_load_env(config, &error));
  client = client_of(config);
  CHECK_SUCCEEDED(diyalog_client_is_customer_in_online_help(client, "70023", NULL, &status, &error));
  CHECK_NUMBER(status.help_type, DIYALOG_HELP_TYPE_OUTBOUND);
  diyalog_help_status_clear(&status);
  diyalog_client_free(client);
}

struct log {
  int lines;
  char text[8192];
};

static void write_line(int32_t level, const char *message, void *user_data) {
  struct log *log = user_data;
  size_t used = strlen(log->text);
  log->lines++;
  snprintf(log->text + used, sizeof log->text - used, "%d %s\n", (int)level, message);
}

static void log_lines_reach_the_callback(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  struct log log = {0, ""};

  CHECK_SUCCEEDED(
      diyalog_config_set_log_callback(config, write_line, &log, DIYALOG_LOG_DEBUG, &error));
  client = client_of(config);
  CHECK_SUCCEEDED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error));
  diyalog_help_status_clear(&status);
  CHECK_NUMBER(log.lines, 1);
  CHECK_CONTAINS(log.text, "4 127.0.0.1");
  CHECK_CONTAINS(log.text, "responded 200 in ");

  answer_next(500, "broken");
  CHECK_FAILED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error),
               DIYALOG_ERROR_SERVER, "broken");
  CHECK_CONTAINS(log.text, "1 127.0.0.1");
  CHECK(strstr(log.text, SECRET) == NULL && strstr(log.text, "DLGA") == NULL);
  diyalog_client_free(client);
}

void test_settings(void) {
  invalid_endpoints_are_rejected();
  missing_settings_are_reported();
  invalid_proxies_are_rejected();
  invalid_settings_are_reported();
  requester_of_a_call_overrides_the_clients();
  settings_that_change_the_request();
  environment_is_read_on_request();
  log_lines_reach_the_callback();
  CHECK_TEXT(diyalog_version(), VERSION);
  CHECK_TEXT(DIYALOG_VERSION, VERSION);
  CHECK_NUMBER(diyalog_version_number(), DIYALOG_VERSION_NUMBER);
}
