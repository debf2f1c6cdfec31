/* Any endpoint of the platform: what is sent and returned, and wrong use of each function. */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#define LOOKUP "/v1/application/iscustomerinonlinehelp"
#define QUESTION "{\"customerId\":\"70022\"}"

/* As a later header may declare it. */
struct newer_response {
  diyalog_response known;
  unsigned char unknown[24];
};

static void struct_has_no_padding(void) {
  CHECK_NUMBER(sizeof(diyalog_response), 2 * sizeof(int32_t) + sizeof(size_t) + sizeof(char *));
}

static void json_is_returned_unchanged(const diyalog_client *client) {
  diyalog_response response = DIYALOG_RESPONSE_INIT;

  CHECK_SUCCEEDED(diyalog_client_post(client, LOOKUP, QUESTION, NULL, &response, &error));
  CHECK_NUMBER(response.http_status, 200);
  CHECK_CONTAINS(response.body, "\"staffId\": \"45001\"");
  CHECK_NUMBER(response.body_length, strlen(response.body));
  diyalog_response_clear(&response);

  answer_next(200, " [1, 2.50, \\\"\\\\u015f\\\"]\\n");
  CHECK_SUCCEEDED(diyalog_client_post(client, LOOKUP, "{}", NULL, &response, &error));
  CHECK_TEXT(response.body, " [1, 2.50, \"\\u015f\"]\n");
  diyalog_response_clear(&response);
}

static void clearing_twice_does_nothing(const diyalog_client *client) {
  diyalog_response response = DIYALOG_RESPONSE_INIT;

  CHECK_SUCCEEDED(diyalog_client_post(client, LOOKUP, QUESTION, NULL, &response, &error));
  diyalog_response_clear(&response);
  CHECK(response.body == NULL && response.body_length == 0 && response.http_status == 0);
  CHECK_NUMBER(response.struct_size, sizeof response);
  diyalog_response_clear(&response);
  diyalog_response_clear(NULL);
}

static void larger_struct_is_accepted_and_not_overrun(const diyalog_client *client) {
  struct newer_response response;
  unsigned char untouched[24];

  memset(&response, 0xa5, sizeof response);
  memset(untouched, 0xa5, sizeof untouched);
  response.known.struct_size = sizeof response;
  CHECK_SUCCEEDED(diyalog_client_post(client, LOOKUP, QUESTION, NULL, &response.known, &error));
  CHECK_CONTAINS(response.known.body, "45001");
  diyalog_response_clear(&response.known);
  CHECK_NUMBER(response.known.struct_size, sizeof response);
  CHECK(memcmp(response.unknown, untouched, sizeof untouched) == 0);
}

/* The arguments that post and submit_post share. */
static int32_t post(const diyalog_client *client, diyalog_queue *queue, const char *path,
                    const char *json, const diyalog_call_options *options, diyalog_error **error) {
  diyalog_response response = DIYALOG_RESPONSE_INIT;
  diyalog_response before = response;
  int32_t code;

  if (queue != NULL) {
    return diyalog_queue_submit_post(queue, path, json, options, NULL, error);
  }
  code = diyalog_client_post(client, path, json, options, &response, error);
  CHECK(memcmp(&response, &before, sizeof response) == 0);
  return code;
}

/* Nothing is sent: the client's endpoint has no server. */
static void invalid_arguments_are_named(const diyalog_client *client, diyalog_queue *queue) {
  static const char *const paths[] = {"",      "v1",    "/v1?a=1", "/v1#a", "/v 1", "/v1\n",
                                      "/v\x7f", "/\xc5\x9f", "/<v1>",   NOT_UTF8};
  static const char *const texts[] = {"", "{", "{} {}", "{'a':1}", "nul", "\xef\xbb\xbf{}", NOT_UTF8};
  const size_t limit = 1024 * 1024;
  char *large = malloc(limit + 2);
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  size_t i;

  for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    CHECK_REJECTED(post(client, queue, paths[i], "{}", NULL, &error), "path", "");
  }
  CHECK_REJECTED(post(client, queue, NULL, "{}", NULL, &error), "path", "is NULL");
  CHECK_REJECTED(post(client, queue, "v1", "{}", NULL, &error), "path", "must begin with /");
  CHECK_REJECTED(post(client, queue, "/v1?", "{}", NULL, &error), "path", "must have no query");
  CHECK_REJECTED(post(client, queue, "/v 1", "{}", NULL, &error), "path", "has a character");

  for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CHECK_REJECTED(post(client, queue, "/v1", texts[i], NULL, &error), "json", "is not valid ");
  }
  CHECK_REJECTED(post(client, queue, "/v1", NULL, NULL, &error), "json", "is NULL");
  memset(large, '7', limit + 1);
  large[limit + 1] = '\0';
  CHECK_REJECTED(post(client, queue, "/v1", large, NULL, &error), "json", "is larger than 1048576");
  free(large);

  options.struct_size = 4;
  CHECK_REJECTED(post(client, queue, "/v1", "{}", &options, &error), "options", "has a struct_size");
  options.struct_size = sizeof options;
  options.repeatable = 2;
  CHECK_REJECTED(post(client, queue, "/v1", "{}", &options, &error), "repeatable", "must be 0 or 1");
  options.repeatable = 1;
  options.requester_user_id = "";
  CHECK_REJECTED(post(client, queue, "/v1", "{}", &options, &error), "requester_user_id", "is empty");
}

static void invalid_pointers_and_sizes_are_named(const diyalog_client *client) {
  const uint32_t sizes[] = {0, 4, (uint32_t)sizeof(diyalog_response) - 1};
  diyalog_response response = DIYALOG_RESPONSE_INIT;
  size_t i;

  CHECK_REJECTED(diyalog_client_post(NULL, "/v1", "{}", NULL, &response, &error), "client",
                 "is NULL");
  CHECK_REJECTED(diyalog_client_post(client, "/v1", "{}", NULL, NULL, &error), "response",
                 "is NULL");
  CHECK_REJECTED(diyalog_queue_submit_post(NULL, "/v1", "{}", NULL, NULL, &error), "queue",
                 "is NULL");
  for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    diyalog_response before;
    response.struct_size = sizes[i];
    before = response;
    CHECK_REJECTED(diyalog_client_post(client, "/v1", "{}", NULL, &response, &error), "response",
                   "has a struct_size of ");
    diyalog_response_clear(&response);
    CHECK(memcmp(&response, &before, sizeof response) == 0);
  }
  CHECK_NUMBER(diyalog_client_post(NULL, NULL, NULL, NULL, NULL, NULL),
               DIYALOG_ERROR_INVALID_ARGUMENT);
}

static void response_that_is_not_json_is_an_error(const diyalog_client *client) {
  diyalog_response response = DIYALOG_RESPONSE_INIT;

  answer_next(200, "<html>");
  CHECK_FAILED(diyalog_client_post(client, LOOKUP, "{}", NULL, &response, &error),
               DIYALOG_ERROR_INVALID_RESPONSE, "responded 200, but not with the documented JSON");
  CHECK(response.body == NULL);
}

/* The server answers 500 and may have acted before it failed. */
static void only_a_repeatable_post_is_retryable(const diyalog_client *client) {
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_response response = DIYALOG_RESPONSE_INIT;

  for (options.repeatable = 0; options.repeatable <= 1; options.repeatable++) {
    diyalog_error *error = NULL;
    answer_next(500, "Database is down");
    CHECK_NUMBER(diyalog_client_post(client, LOOKUP, "{}", &options, &response, &error),
                 DIYALOG_ERROR_SERVER);
    CHECK_NUMBER(diyalog_error_is_retryable(error), options.repeatable);
    diyalog_error_free(error);
  }
}

static void queue_accepts_posts_and_lookups(const diyalog_client *client) {
  diyalog_queue *queue = NULL;
  diyalog_completion *completion;
  int post_tag, lookup_tag, failed_tag, seen = 0;

  CHECK_SUCCEEDED(diyalog_queue_new(client, 1, &queue, &error));
  CHECK_SUCCEEDED(diyalog_queue_submit_post(queue, LOOKUP, QUESTION, NULL, &post_tag, &error));
  CHECK_SUCCEEDED(diyalog_queue_submit(queue, "70022", NULL, &lookup_tag, &error));
  CHECK_SUCCEEDED(diyalog_queue_submit_post(queue, "/nowhere", "{}", NULL, &failed_tag, &error));
  while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    const diyalog_response *response = diyalog_completion_response(completion);
    const diyalog_help_status *status = diyalog_completion_status(completion);
    const void *tag = diyalog_completion_tag(completion);
    seen++;
    CHECK((response != NULL) == (tag == &post_tag));
    CHECK((status != NULL) == (tag == &lookup_tag));
    CHECK((diyalog_completion_error(completion) != NULL) == (tag == &failed_tag));
    if (response != NULL) {
      CHECK_NUMBER(response->http_status, 200);
      CHECK_CONTAINS(response->body, "45001");
      CHECK_NUMBER(response->body_length, strlen(response->body));
    }
    diyalog_completion_free(completion);
  }
  CHECK_NUMBER(seen, 3);
  CHECK(diyalog_completion_response(NULL) == NULL);
  diyalog_queue_free(queue);
}

static int32_t DIYALOG_CALL never(void *user_data) {
  (void)user_data;
  return 0;
}

static void invalid_posts_are_not_queued(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = NULL;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  CHECK_SUCCEEDED(diyalog_queue_new(client, 1, &queue, &error));
  invalid_arguments_are_named(NULL, queue);
  options.interrupt = never;
  CHECK_REJECTED(diyalog_queue_submit_post(queue, "/v1", "{}", &options, NULL, &error), "interrupt",
                 "");
  CHECK_NUMBER(diyalog_queue_pending(queue), 0);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

void test_post(void) {
  diyalog_client *client = sandbox_client();
  diyalog_config *config = sandbox_config();
  diyalog_client *of_nobody;

  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, "http://127.0.0.1:1", &error));
  of_nobody = client_of(config);
  struct_has_no_padding();
  json_is_returned_unchanged(client);
  clearing_twice_does_nothing(client);
  larger_struct_is_accepted_and_not_overrun(client);
  invalid_arguments_are_named(of_nobody, NULL);
  invalid_pointers_and_sizes_are_named(of_nobody);
  response_that_is_not_json_is_an_error(client);
  only_a_repeatable_post_is_retryable(client);
  queue_accepts_posts_and_lookups(client);
  invalid_posts_are_not_queued();
  diyalog_client_free(of_nobody);
  diyalog_client_free(client);
}
