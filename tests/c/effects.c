/* The effect of each setting that no other file tests. */

#include "test.h"

static int32_t look_up(const diyalog_client *client, diyalog_error **error) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  int32_t code = diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, error);

  if (code == DIYALOG_OK) {
    CHECK_TEXT(status.staff_id, "45001");
    diyalog_help_status_clear(&status);
  }
  return code;
}

static void plain_http_to_other_machines_is_accepted_if_allowed(void) {
  diyalog_config *config = sandbox_config();

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "http://api.example", &error));
  CHECK_SUCCEEDED(diyalog_config_set_allow_plain_http(config, 1, &error));
  diyalog_client_free(client_of(config));
}

static void timeout_of_a_call_overrides_the_clients(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_timeout_ms(config, 200, &error));
  client = client_of(config);
  control("POST", "/sandbox/faults", "{\"kind\":\"silence\"}");
  CHECK_FAILED(look_up(client, &error), DIYALOG_ERROR_TIMEOUT, "within 200 ms");
  control("DELETE", "/sandbox/faults", NULL);
  diyalog_client_free(client);
}

static void retries_are_limited_by_max_retries(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_max_retries(config, 1, &error));
  client = client_of(config);
  answer_next(503, "");
  CHECK_SUCCEEDED(look_up(client, &error));
  answer_next(503, "");
  answer_next(503, "");
  CHECK_FAILED(look_up(client, &error), DIYALOG_ERROR_HTTP_STATUS, "503");
  diyalog_client_free(client);
}

static void clock_is_corrected_by_default(void) {
  diyalog_client *client = sandbox_client();

  control("PUT", "/sandbox/clock", "{\"offsetSeconds\":-7200}");
  CHECK_SUCCEEDED(look_up(client, &error));
  control("PUT", "/sandbox/clock", "{\"offsetSeconds\":0}");
  diyalog_client_free(client);
}

static void proxy_is_used_except_for_plain_http_to_loopback(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(diyalog_config_set_proxy(config, "http://user:secret@127.0.0.1:1", &error));
  client = client_of(config);
  CHECK_SUCCEEDED(look_up(client, &error));
  diyalog_client_free(client);

  config = sandbox_config();
  CHECK_SUCCEEDED(diyalog_config_set_proxy(config, "http://user:secret@127.0.0.1:1", &error));
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://127.0.0.1:1", &error));
  client = client_of(config);
  CHECK_FAILED(look_up(client, &error), DIYALOG_ERROR_PROXY, "the proxy 127.0.0.1 port 1");
  diyalog_client_free(client);
}

static void client_certificate_is_read_from_its_files(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client = NULL;

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "https://api.example", &error));
  CHECK_SUCCEEDED(diyalog_config_set_client_certificate_file(config, "no-such.pem", &error));
  CHECK_SUCCEEDED(diyalog_config_set_client_key_file(config, "no-such.key", &error));
  CHECK_FAILED(diyalog_client_new(config, &client, &error), DIYALOG_ERROR_INVALID_CONFIG,
               "client_certificate_file no-such.pem cannot be read");
  diyalog_config_free(config);
}

void test_effects(void) {
  plain_http_to_other_machines_is_accepted_if_allowed();
  timeout_of_a_call_overrides_the_clients();
  retries_are_limited_by_max_retries();
  clock_is_corrected_by_default();
  proxy_is_used_except_for_plain_http_to_loopback();
  client_certificate_is_read_from_its_files();
}
