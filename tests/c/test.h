/* Shared by the C tests: checks that report their line, a client, and the sandbox's control calls.
 *
 * The sandbox's address comes from DIYALOG_SANDBOX_URL, which run.sh sets. */

#ifndef DIYALOG_TEST_H
#define DIYALOG_TEST_H

#include <diyalog.h>

#define KEY_ID "1234567-8ABC-DEF0-5432-56712ABCDEF5"
#define SECRET "s3cr3t-access-key"

/* Counts a check, and reports its line if it fails. */
void check(int holds, const char *what, const char *file, int line);
void check_number(long long found, long long expected, const char *what, const char *file, int line);
void check_text(const char *found, const char *expected, const char *what, const char *file,
                int line);
void check_contains(const char *found, const char *part, const char *what, const char *file,
                    int line);

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_NUMBER(found, expected) \
  check_number((long long)(found), (long long)(expected), #found, __FILE__, __LINE__)
/* NULL equals NULL only. */
#define CHECK_TEXT(found, expected) check_text(found, expected, #found, __FILE__, __LINE__)
#define CHECK_CONTAINS(found, part) check_contains(found, part, #found, __FILE__, __LINE__)

/* Checks that a call failed with this code and a message that contains this text, and that codes 1 and
 * 2 name their argument; frees the error. */
void check_failed(int32_t code, int32_t expected, diyalog_error *error, const char *part,
                  const char *file, int line);
#define CHECK_FAILED(call, expected, part)                                           \
  do {                                                                               \
    diyalog_error *error = NULL;                                                     \
    int32_t returned = (call);                                                       \
    check_failed(returned, expected, error, part, __FILE__, __LINE__);               \
  } while (0)

/* Checks that a call rejects the argument of this name, with this part in the message. */
#define CHECK_REJECTED(call, argument, part)                                         \
  do {                                                                               \
    diyalog_error *error = NULL;                                                     \
    int32_t returned = (call);                                                       \
    CHECK_TEXT(diyalog_error_argument(error), argument);                             \
    check_failed(returned, DIYALOG_ERROR_INVALID_ARGUMENT, error, argument " " part, \
                 __FILE__, __LINE__);                                                \
  } while (0)

/* A text that is not UTF-8. */
#define NOT_UTF8 "\xff\xfe"

/* Checks that a call succeeded; reports the error's message if not. */
void check_succeeded(int32_t code, diyalog_error *error, const char *what, const char *file,
                     int line);
#define CHECK_SUCCEEDED(call)                                            \
  do {                                                                   \
    diyalog_error *error = NULL;                                         \
    int32_t returned = (call);                                           \
    check_succeeded(returned, error, #call, __FILE__, __LINE__);         \
  } while (0)

/* The URL of the sandbox. */
const char *sandbox_url(void);

/* Settings and a client for the sandbox. */
diyalog_config *sandbox_config(void);
diyalog_client *sandbox_client(void);
diyalog_client *client_of(diyalog_config *config);

/* Sends a request to the sandbox with these further header lines, each with its CRLF, and returns the
 * response as far as it fits. */
void exchange(const char *method, const char *path, const char *headers, const char *json,
              char *response, size_t size);

/* Sends a control call to the sandbox, for instance POST /sandbox/faults, and checks that it was
 * accepted. The body is JSON, or NULL. */
void control(const char *method, const char *path, const char *json);

/* Sets an environment variable, for the library too. */
void set_variable(const char *name, const char *value);

/* Queues this response for the next lookup; body is the content of a JSON string. */
void answer_next(int status, const char *body);

/* The tests, one file per topic. */
void test_lookups(void);
void test_errors(void);
void test_arguments(void);
void test_settings(void);
void test_effects(void);
void test_structs(void);
void test_threads(void);
void test_hostile(void);
void test_cancellation(void);
void test_queue(void);
void test_post(void);
void test_sign(void);

#endif
