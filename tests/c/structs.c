/* Structs of older and newer headers: too small is rejected, larger is accepted and not overrun. */

#include "test.h"

#include <string.h>

/* As a later header may declare them. */
struct newer_status {
  diyalog_help_status known;
  unsigned char unknown[24];
};
struct newer_options {
  diyalog_call_options known;
  unsigned char unknown[24];
};

static void struct_that_is_too_small_is_rejected(const diyalog_client *client) {
  const uint32_t sizes[] = {0, 1, 4, (uint32_t)sizeof(diyalog_help_status) - 1};
  size_t i;

  for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
    diyalog_help_status before;
    status.struct_size = sizes[i];
    before = status;
    CHECK_FAILED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error),
                 DIYALOG_ERROR_INVALID_ARGUMENT, "status has a struct_size of ");
    diyalog_help_status_clear(&status);
    CHECK(memcmp(&status, &before, sizeof status) == 0);
  }
  for (i = 0; i < 3; i++) {
    diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
    diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
    options.struct_size = sizes[i];
    CHECK_FAILED(
        diyalog_client_is_customer_in_online_help(client, "70022", &options, &status, &error),
        DIYALOG_ERROR_INVALID_ARGUMENT, "options has a struct_size of ");
  }
}

static void larger_struct_is_accepted_and_not_overrun(const diyalog_client *client) {
  struct newer_status status;
  struct newer_options options;
  const diyalog_call_options begin = DIYALOG_CALL_OPTIONS_INIT;
  unsigned char untouched[24];

  memset(&status, 0xa5, sizeof status);
  memset(&options, 0xa5, sizeof options);
  memset(untouched, 0xa5, sizeof untouched);
  status.known.struct_size = sizeof status;
  options.known = begin;
  options.known.struct_size = sizeof options;
  CHECK_SUCCEEDED(diyalog_client_is_customer_in_online_help(client, "70022", &options.known,
                                                            &status.known, &error));
  CHECK_TEXT(status.known.staff_id, "45001");
  CHECK_NUMBER(status.known.struct_size, sizeof status);
  CHECK(memcmp(status.unknown, untouched, sizeof untouched) == 0);
  diyalog_help_status_clear(&status.known);
  CHECK(memcmp(status.unknown, untouched, sizeof untouched) == 0);
}

static void clearing_twice_does_nothing(const diyalog_client *client) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;

  CHECK_SUCCEEDED(diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error));
  diyalog_help_status_clear(&status);
  CHECK(status.staff_id == NULL && status.help_type_text == NULL);
  CHECK_NUMBER(status.is_in_help, 0);
  CHECK_NUMBER(status.help_type, 0);
  CHECK_NUMBER(status.struct_size, sizeof status);
  diyalog_help_status_clear(&status);
}

void test_structs(void) {
  diyalog_client *client = sandbox_client();

  struct_that_is_too_small_is_rejected(client);
  larger_struct_is_accepted_and_not_overrun(client);
  clearing_twice_does_nothing(client);
  diyalog_client_free(client);
}
