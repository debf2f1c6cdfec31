/* Every documented response of the lookup, with exact values. */

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void check_answer(const diyalog_client *client, const char *customer_id, int32_t is_in_help,
                         int32_t help_type, const char *help_type_text, const char *staff_id,
                         int32_t error_code) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  CHECK_SUCCEEDED(
      diyalog_client_is_customer_in_online_help(client, customer_id, NULL, &status, &error));
  CHECK_NUMBER(status.struct_size, sizeof status);
  CHECK_NUMBER(status.is_in_help, is_in_help);
  CHECK_NUMBER(status.help_type, help_type);
  CHECK_NUMBER(status.error_code, error_code);
  CHECK_TEXT(status.help_type_text, help_type_text);
  CHECK_TEXT(status.staff_id, staff_id);
  diyalog_help_status_clear(&status);
}

static void documented_lookups_return_exact_values(const diyalog_client *client) {
  check_answer(client, "70022", 1, DIYALOG_HELP_TYPE_INBOUND, "inbound", "45001", 0);
  check_answer(client, "70023", 1, DIYALOG_HELP_TYPE_OUTBOUND, "outbound", "45002", 0);
  check_answer(client, "70024", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 0);
  check_answer(client, "99999", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 400);
  check_answer(client, "m\xc3\xbc\xc5\x9fteri-70025", 1, DIYALOG_HELP_TYPE_INBOUND, "inbound",
               "temsilci-\xc5\x9fule", 0);
}

static void customer_ids_are_sent_unchanged(const diyalog_client *client) {
  const char *odd[] = {"a\"b\\c d", "\xf0\x9f\x93\x9e", "1/2?3#4%5&6"};
  size_t i;
  for (i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    check_answer(client, odd[i], 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 400);
  }
}

static void unusual_responses_are_accepted(const diyalog_client *client) {
  answer_next(200, "{\\\"errorCode\\\":400}");
  check_answer(client, "1", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 400);
  answer_next(200, "{\\\"errorCode\\\":-7,\\\"isInHelp\\\":false}");
  check_answer(client, "1", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, -7);
  answer_next(200, "{\\\"isInHelp\\\":true,\\\"helpType\\\":\\\"video\\\",\\\"new\\\":[{}]}");
  check_answer(client, "1", 1, DIYALOG_HELP_TYPE_OTHER, "video", NULL, 0);
  answer_next(200, "{\\\"isInHelp\\\":false,\\\"helpType\\\":\\\"\\\",\\\"staffId\\\":null}");
  check_answer(client, "1", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 0);
}

static void lookups_follow_sessions(const diyalog_client *client) {
  control("POST", "/sandbox/sessions",
          "{\"customerId\":\"81\",\"helpType\":\"outbound\",\"staffId\":\"45009\"}");
  check_answer(client, "81", 1, DIYALOG_HELP_TYPE_OUTBOUND, "outbound", "45009", 0);
  control("DELETE", "/sandbox/sessions/81", NULL);
  check_answer(client, "81", 0, DIYALOG_HELP_TYPE_NONE, NULL, NULL, 0);
}

static void options_apply_to_one_call(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.requester_user_id = "45187";
  options.timeout_ms = 5000;
  CHECK_SUCCEEDED(
      diyalog_client_is_customer_in_online_help(client, "70022", &options, &status, &error));
  CHECK_TEXT(status.staff_id, "45001");
  diyalog_help_status_clear(&status);
}

static void error_pointer_is_optional_and_reset(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_error *error = (diyalog_error *)&status;

  CHECK_NUMBER(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error), 0);
  CHECK(error == NULL);
  diyalog_help_status_clear(&status);
  CHECK_NUMBER(diyalog_client_is_customer_in_online_help(client, "", NULL, &status, NULL),
               DIYALOG_ERROR_INVALID_ARGUMENT);
}

void test_lookups(void) {
  diyalog_client *client = sandbox_client();

  documented_lookups_return_exact_values(client);
  customer_ids_are_sent_unchanged(client);
  unusual_responses_are_accepted(client);
  lookups_follow_sessions(client);
  options_apply_to_one_call(client);
  error_pointer_is_optional_and_reset(client);
  diyalog_client_free(client);
}
