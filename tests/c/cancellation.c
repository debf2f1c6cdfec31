/* Cancelling calls, and the call options that came with it. */

#include "test.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

static int32_t look_up(const diyalog_client *client, const diyalog_call_options *options,
                       diyalog_error **error) {
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  int32_t code =
      diyalog_client_is_customer_in_online_help(client, "70022", options, &status, error);
  diyalog_help_status_clear(&status);
  return code;
}

static void cancel_before_the_call_sends_nothing(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *nobody;
  diyalog_cancellation *cancellation = diyalog_cancellation_new();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_error *error = NULL;

  /* Nothing listens there: a call that was sent would fail with another code. */
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "http://127.0.0.1:1", &error));
  nobody = client_of(config);
  options.cancellation = cancellation;
  CHECK_NUMBER(look_up(nobody, &options, NULL), DIYALOG_ERROR_CONNECT);
  diyalog_cancellation_cancel(cancellation);
  diyalog_cancellation_cancel(cancellation);
  CHECK_NUMBER(look_up(nobody, &options, &error), DIYALOG_ERROR_CANCELLED);
  CHECK_NUMBER(diyalog_error_is_retryable(error), 0);
  CHECK_NUMBER(diyalog_error_http_status(error), 0);
  check_failed(DIYALOG_ERROR_CANCELLED, DIYALOG_ERROR_CANCELLED, error, "cancelled", __FILE__,
               __LINE__);
  /* Other calls are not affected. */
  options.cancellation = NULL;
  CHECK_NUMBER(look_up(nobody, &options, NULL), DIYALOG_ERROR_CONNECT);
  diyalog_cancellation_free(cancellation);
  diyalog_client_free(nobody);
}

static void unused_cancellation_changes_nothing(void) {
  diyalog_client *client = sandbox_client();
  diyalog_cancellation *cancellation = diyalog_cancellation_new();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.cancellation = cancellation;
  CHECK_SUCCEEDED(look_up(client, &options, &error));
  diyalog_cancellation_free(cancellation);
  diyalog_client_free(client);
}

static int32_t DIYALOG_CALL interrupt_never(void *user_data) {
  (void)user_data;
  return 0;
}

static void an_interrupt_callback_that_gives_0_changes_nothing(void) {
  diyalog_client *client = sandbox_client();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.interrupt = interrupt_never;
  CHECK_SUCCEEDED(look_up(client, &options, &error));
  diyalog_client_free(client);
}

static int32_t DIYALOG_CALL interrupt_third_time(void *user_data) { return ++*(int *)user_data >= 3; }

static void interrupt_callback_ends_a_call_and_is_not_called_again(void) {
  diyalog_client *client = sandbox_client();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  int calls = 0;

  options.interrupt = interrupt_third_time;
  options.interrupt_data = &calls;
  control("POST", "/sandbox/faults", "{\"kind\":\"silence\"}");
  CHECK_FAILED(look_up(client, &options, &error), DIYALOG_ERROR_CANCELLED, "cancelled");
  CHECK_NUMBER(calls, 3);
  options.interrupt = NULL;
  CHECK_SUCCEEDED(look_up(client, &options, &error));
  diyalog_client_free(client);
}

/* A call that hangs until another thread cancels it. */
struct hanging {
  pthread_t thread;
  diyalog_client *client;
  diyalog_cancellation *cancellation;
  int32_t code;
};

static void *hang(void *argument) {
  struct hanging *hanging = argument;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  options.cancellation = hanging->cancellation;
  hanging->code = look_up(hanging->client, &options, NULL);
  return NULL;
}

/* The cancel comes before a call or while it waits, at random. */
static void another_thread_cancels_every_call(void) {
  struct hanging calls[4];
  diyalog_client *client = sandbox_client();
  diyalog_cancellation *cancellation = diyalog_cancellation_new();
  int i;

  control("POST", "/sandbox/faults", "{\"kind\":\"silence\",\"times\":4}");
  for (i = 0; i < 4; i++) {
    calls[i].client = client;
    calls[i].cancellation = cancellation;
    CHECK(pthread_create(&calls[i].thread, NULL, hang, &calls[i]) == 0);
  }
  diyalog_cancellation_cancel(cancellation);
  for (i = 0; i < 4; i++) {
    CHECK(pthread_join(calls[i].thread, NULL) == 0);
    CHECK_NUMBER(calls[i].code, DIYALOG_ERROR_CANCELLED);
  }
  control("DELETE", "/sandbox/faults", NULL);
  diyalog_cancellation_free(cancellation);
  diyalog_client_free(client);
}

static void cancellation_functions_ignore_null(void) {
  diyalog_cancellation_cancel(NULL);
  diyalog_cancellation_free(NULL);
}

/* The struct of a program compiled with the header of 0.1. It ends at the end of its memory block, so
 * that the sanitizers detect a read beyond it. */
static void the_struct_of_0_1_is_accepted(void) {
  struct {
    uint32_t struct_size;
    uint32_t timeout_ms;
    const char *requester_user_id;
  } old = {sizeof old, 5000, "45187"};
  diyalog_client *client = sandbox_client();
  diyalog_call_options between = DIYALOG_CALL_OPTIONS_INIT;

  CHECK_SUCCEEDED(look_up(client, (const diyalog_call_options *)(const void *)&old, &error));
  old.struct_size--;
  CHECK_FAILED(look_up(client, (const diyalog_call_options *)(const void *)&old, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "struct_size");
  /* Of a size between two versions, only the fields of the older one are read. */
  between.struct_size = (uint32_t)offsetof(diyalog_call_options, log_level);
  between.log_level = 77;
  CHECK_SUCCEEDED(look_up(client, &between, &error));
  diyalog_client_free(client);
}

static void DIYALOG_CALL count_line(int32_t level, const char *message, void *user_data) {
  (void)level;
  (void)message;
  ++*(int *)user_data;
}

static void log_level_of_a_call_overrides_the_clients(void) {
  int lines = 0;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_config *config = sandbox_config();
  diyalog_client *client;

  CHECK_SUCCEEDED(
      diyalog_config_set_log_callback(config, count_line, &lines, DIYALOG_LOG_ERROR, &error));
  client = client_of(config);
  CHECK_SUCCEEDED(look_up(client, &options, &error));
  CHECK_NUMBER(lines, 0);
  options.log_level = DIYALOG_LOG_DEBUG;
  CHECK_SUCCEEDED(look_up(client, &options, &error));
  CHECK_NUMBER(lines, 1);
  options.log_level = -1;
  answer_next(500, "broken");
  CHECK_NUMBER(look_up(client, &options, NULL), DIYALOG_ERROR_SERVER);
  CHECK_NUMBER(lines, 1);
  options.log_level = 0;
  answer_next(500, "broken");
  CHECK_NUMBER(look_up(client, &options, NULL), DIYALOG_ERROR_SERVER);
  CHECK_NUMBER(lines, 2);
  diyalog_client_free(client);
}

static void invalid_numbers_are_reported(void) {
  diyalog_client *client = sandbox_client();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.log_level = 5;
  CHECK_FAILED(look_up(client, &options, &error), DIYALOG_ERROR_INVALID_ARGUMENT, "log_level");
  options.log_level = -2;
  CHECK_FAILED(look_up(client, &options, &error), DIYALOG_ERROR_INVALID_ARGUMENT, "log_level");
  options.log_level = 0;
  options.repeatable = 2;
  CHECK_FAILED(look_up(client, &options, &error), DIYALOG_ERROR_INVALID_ARGUMENT, "repeatable");
  diyalog_client_free(client);
}

void test_cancellation(void) {
  cancel_before_the_call_sends_nothing();
  unused_cancellation_changes_nothing();
  an_interrupt_callback_that_gives_0_changes_nothing();
  interrupt_callback_ends_a_call_and_is_not_called_again();
  another_thread_cancels_every_call();
  cancellation_functions_ignore_null();
  the_struct_of_0_1_is_accepted();
  log_level_of_a_call_overrides_the_clients();
  invalid_numbers_are_reported();
}
