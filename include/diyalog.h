/*
 * diyalog: is this customer in a live chat right now, and with whom?
 *
 * The C interface of the Diyalog client library. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Made by cbindgen from src/ffi/ of the library; change it there.
 *
 *
 * A LOOKUP
 *
 *   diyalog_config *config = diyalog_config_new();
 *   diyalog_client *client = NULL;
 *   diyalog_error *error = NULL;
 *   diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
 *
 *   if (diyalog_config_set_endpoint(config, "https://api.bank.example", &error) == DIYALOG_OK
 *       && diyalog_config_set_credentials(config, key_id, key_secret, &error) == DIYALOG_OK
 *       && diyalog_config_set_requester_user_id(config, "45186", &error) == DIYALOG_OK
 *       && diyalog_client_new(config, &client, &error) == DIYALOG_OK
 *       && diyalog_client_is_customer_in_online_help(client, "70022", NULL, &status, &error)
 *          == DIYALOG_OK) {
 *     printf("in help: %d\n", (int)status.is_in_help);
 *   } else {
 *     fprintf(stderr, "%s\n", diyalog_error_message(error));
 *   }
 *   diyalog_help_status_clear(&status);
 *   diyalog_error_free(error);
 *   diyalog_client_free(client);
 *   diyalog_config_free(config);
 *
 *
 * SECTIONS
 *
 *   diyalog_version        which library is running
 *   diyalog_config_...     the settings that a client is made with
 *   diyalog_client_...     the client, and its one question
 *   diyalog_help_status_.. the answer
 *   diyalog_error_...      what went wrong, and what to do about it
 *
 * First come the constants, then the types, then the functions.
 *
 *
 * CONVENTIONS
 *
 * - A function that can fail returns an int32_t, DIYALOG_OK or a DIYALOG_ERROR_ constant, and takes
 *   `diyalog_error **error` last. That may be NULL. Otherwise *error receives an error which the
 *   caller owns where the function fails, and NULL where it succeeds; what was in it before is
 *   overwritten, not freed.
 * - Other outputs are written on success only.
 * - Texts are UTF-8 and end with a NUL. Texts and paths that are passed in are copied.
 * - NULL where it is not allowed, text that is not UTF-8 and control characters in what becomes a
 *   header of the request give DIYALOG_ERROR_INVALID_ARGUMENT. Every _free and _clear takes NULL.
 * - Structs begin with struct_size, so that they can grow at their end: set it by the _INIT macro.
 *   A struct from a newer header than the library works; the library uses what it knows of it.
 * - The library holds no global state that callers notice, writes nothing to stdout or stderr, and
 *   reads the environment only in diyalog_config_load_env and for the proxy "environment".
 * - It starts no thread, with one exception: a DNS query, which systems offer only as a blocking
 *   call, runs on a short-lived helper thread so that the deadline holds.
 * - On Windows functions and callbacks are __cdecl, whatever the program's default is.
 * - Numbers are for ever: no code or constant changes its meaning or is used again.
 */


#ifndef DIYALOG_H
#define DIYALOG_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; diyalog_version gives that of the library. */
#define DIYALOG_VERSION "0.1.0"

#if defined(_WIN32)
#define DIYALOG_CALL __cdecl
#if defined(DIYALOG_STATIC)
#define DIYALOG_API
#else
#define DIYALOG_API __declspec(dllimport)
#endif
#else
#define DIYALOG_CALL
#define DIYALOG_API
#endif

/* Receives log lines; level is a DIYALOG_LOG_ constant, message is valid during the call only. */
#ifdef __cplusplus
extern "C" {
#endif
typedef void(DIYALOG_CALL *diyalog_log_callback)(int32_t level, const char *message,
                                                 void *user_data);
#ifdef __cplusplus
}
#endif

/* What a diyalog_call_options begins as: nothing differs from the client's settings. */
#define DIYALOG_CALL_OPTIONS_INIT {(uint32_t)sizeof(diyalog_call_options), 0, NULL}

/* What a diyalog_help_status begins as. */
#define DIYALOG_HELP_STATUS_INIT {(uint32_t)sizeof(diyalog_help_status), 0, 0, 0, NULL, NULL}


// The date header ends in GMT, as in the API's examples.
#define DIYALOG_DATE_ZONE_GMT 0

// The date header ends in +0000, as in the API's description of its format.
#define DIYALOG_DATE_ZONE_NUMERIC 1

// A call failed, and its error went to the caller.
#define DIYALOG_LOG_ERROR 1

// An attempt failed and another follows.
#define DIYALOG_LOG_WARN 2

// Nothing at present.
#define DIYALOG_LOG_INFO 3

// An attempt succeeded: its status and time.
#define DIYALOG_LOG_DEBUG 4

// The answer names no kind of session.
#define DIYALOG_HELP_TYPE_NONE 0

// The customer called ("inbound").
#define DIYALOG_HELP_TYPE_INBOUND 1

// The staff called ("outbound").
#define DIYALOG_HELP_TYPE_OUTBOUND 2

// A kind that the API's documentation does not list; help_type_text has it.
#define DIYALOG_HELP_TYPE_OTHER 3

// The call succeeded.
#define DIYALOG_OK 0

// An argument cannot be used; the message names it.
#define DIYALOG_ERROR_INVALID_ARGUMENT 1

// A setting is missing or makes no sense; said by diyalog_client_new and diyalog_config_load_env.
#define DIYALOG_ERROR_INVALID_CONFIG 2

// The deadline passed, in whichever phase. Retryable.
#define DIYALOG_ERROR_TIMEOUT 10

// The host name has no address. Retryable.
#define DIYALOG_ERROR_RESOLVE 11

// Connecting was refused, or the host cannot be reached. Retryable.
#define DIYALOG_ERROR_CONNECT 12

// The certificate or the TLS handshake; the message says which check failed and names the fix.
#define DIYALOG_ERROR_TLS 13

// The proxy refused, cannot be reached, or wants credentials.
#define DIYALOG_ERROR_PROXY 14

// The connection broke before the answer was complete. Retryable.
#define DIYALOG_ERROR_CONNECTION_LOST 15

// 400: the server did not find the three authentication headers.
#define DIYALOG_ERROR_HEADERS_MISSING 20

// 400: the server could not read the authorization header.
#define DIYALOG_ERROR_AUTHORIZATION_FORMAT 21

// 400: the server could not read the date header.
#define DIYALOG_ERROR_DATE_FORMAT 22

// 401: the signature or the access key id is wrong.
#define DIYALOG_ERROR_UNAUTHORIZED 23

// 403: the clocks differ too much and correcting did not help; the message gives the difference.
#define DIYALOG_ERROR_CLOCK_SKEW 24

// 500: the server failed; the message carries its text. Retryable.
#define DIYALOG_ERROR_SERVER 25

// Any other status, redirects included. Retryable: 408, 429, 502, 503, 504.
#define DIYALOG_ERROR_HTTP_STATUS 26

// The answer is not the documented JSON, too large, or not HTTP.
#define DIYALOG_ERROR_INVALID_RESPONSE 30

// A bug of this library; the client stays usable.
#define DIYALOG_ERROR_INTERNAL 90

// Asks one server, on connections that it keeps. Made by diyalog_client_new, freed with
// diyalog_client_free.
//
// Safe to use from any number of threads at the same time: share one per process. A child that
// inherits one through fork() may go on using it; it gets connections of its own.
typedef struct diyalog_client diyalog_client;

// The settings that a client is made with. Made by diyalog_config_new, freed with
// diyalog_config_free; a client takes a copy.
//
// Not safe to use from several threads at the same time.
typedef struct diyalog_config diyalog_config;

// Why a call failed. Made by the functions that fail, freed with diyalog_error_free.
//
// Immutable: any number of threads may read one at the same time.
typedef struct diyalog_error diyalog_error;

// What one call does differently from the client's settings. Begin with
// DIYALOG_CALL_OPTIONS_INIT.
//
// A plain struct that calls only read: threads may share one while nobody changes it.
typedef struct diyalog_call_options {
  // The size of this struct as the caller knows it; DIYALOG_CALL_OPTIONS_INIT sets it.
  uint32_t struct_size;
  // The time in milliseconds that this call may take in all; 0 for the client's.
  uint32_t timeout_ms;
  // On whose behalf this request is made; NULL for the client's. Stays the caller's.
  const char *requester_user_id;
} diyalog_call_options;

// Whether a customer is in an online help session, and with whom.
//
// Begin with DIYALOG_HELP_STATUS_INIT, end with diyalog_help_status_clear, also before the struct
// is used for another call: a call overwrites it.
//
// A plain struct: threads share one no better than an int.
typedef struct diyalog_help_status {
  // The size of this struct as the caller knows it; DIYALOG_HELP_STATUS_INIT sets it.
  uint32_t struct_size;
  // 1 where the customer is in an active session right now, else 0.
  int32_t is_in_help;
  // Which kind of session: a DIYALOG_HELP_TYPE_ constant.
  int32_t help_type;
  // errorCode of the answer, 0 if none. 400: the system knows no such customer.
  int32_t error_code;
  // The kind of session as answered, NULL if none. Belongs to the struct.
  char *help_type_text;
  // User id of the member of staff who serves the customer, NULL if none. Belongs to the struct.
  char *staff_id;
} diyalog_help_status;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of the library that is running, such as "0.1.0".
//
// The text is static: it is not freed. Any thread may call this at any time.
DIYALOG_API const char *DIYALOG_CALL diyalog_version(void);

// Settings with every default; endpoint and credentials are still to be set.
//
// The caller owns the result and frees it with diyalog_config_free.
DIYALOG_API diyalog_config *DIYALOG_CALL diyalog_config_new(void);

// Frees settings. NULL is taken and does nothing.
//
// Clients that were made with them are not affected; the secret's copy here is wiped.
DIYALOG_API void DIYALOG_CALL diyalog_config_free(struct diyalog_config *config);

// The address of the API: https://host, with :port and a base path where there are any. Required.
//
// http:// is taken for a loopback address, or with diyalog_config_set_allow_plain_http. The text
// is copied.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_endpoint(struct diyalog_config *config,
                                                 const char *url,
                                                 struct diyalog_error **error);

// The access key that the administrator issued. Required. The secret counts as its UTF-8 bytes.
//
// Both are copied; the library's copies of the secret are wiped when freed.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_credentials(struct diyalog_config *config,
                                                    const char *access_key_id,
                                                    const char *access_key_secret,
                                                    struct diyalog_error **error);

// The access key, with a secret that is bytes and no text.
//
// Both are copied; the library's copies of the secret are wiped when freed.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_credentials_bytes(struct diyalog_config *config,
                                                          const char *access_key_id,
                                                          const uint8_t *secret,
                                                          size_t secret_length,
                                                          struct diyalog_error **error);

// The staff number of the person on whose behalf requests are made; the server writes it to its
// audit log. Required here or in the options of each call.
//
// The text is copied.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_requester_user_id(struct diyalog_config *config,
                                                          const char *user_id,
                                                          struct diyalog_error **error);

// The time in milliseconds that a call may take in all: DNS, connecting, TLS, request, answer and
// every retry. Default 10000. A call ends at the latest 100 ms after it.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_timeout_ms(struct diyalog_config *config,
                                                   uint32_t milliseconds,
                                                   struct diyalog_error **error);

// How often a call is tried again after a failure that may pass. Default 2; 0 for never.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_max_retries(struct diyalog_config *config,
                                                    uint32_t retries,
                                                    struct diyalog_error **error);

// A PEM file with one or more CA certificates to trust, beside the system's store. Default none.
//
// The path is copied; the file is read by diyalog_client_new. On Windows too the path is UTF-8.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_ca_file(struct diyalog_config *config,
                                                const char *path,
                                                struct diyalog_error **error);

// Whether the operating system's certificate store is trusted: 1 (the default), or 0 for the CA
// file alone.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_system_trust(struct diyalog_config *config,
                                                     int32_t trust,
                                                     struct diyalog_error **error);

// A PEM file with the client's certificate, and its chain after it, for servers that ask for one
// (mutual TLS). Goes with diyalog_config_set_client_key_file. Default none.
//
// The path is copied; the file is read by diyalog_client_new.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_client_certificate_file(struct diyalog_config *config,
                                                                const char *path,
                                                                struct diyalog_error **error);

// A PEM file with the private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not
// encrypted. Default none.
//
// The path is copied; the file is read by diyalog_client_new.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_client_key_file(struct diyalog_config *config,
                                                        const char *path,
                                                        struct diyalog_error **error);

// The forward proxy: http://host:port or http://user:password@host:port, used by CONNECT. Default
// none, whatever the environment says; "" is none too.
//
// The word "environment" asks for what the variables HTTPS_PROXY and NO_PROXY say (lower case too;
// for a plain http endpoint http_proxy, in lower case only). The text is copied.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_proxy(struct diyalog_config *config,
                                              const char *proxy,
                                              struct diyalog_error **error);

// Whether an http:// endpoint elsewhere than on this machine is taken: 0 (the default) or 1.
// Requests and answers then cross the network unprotected.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_allow_plain_http(struct diyalog_config *config,
                                                         int32_t allow,
                                                         struct diyalog_error **error);

// Whether the client learns the server's time when the server refuses this machine's: 1 (the
// default) or 0.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_clock_correction(struct diyalog_config *config,
                                                         int32_t correct,
                                                         struct diyalog_error **error);

// How the date header names its zone: DIYALOG_DATE_ZONE_GMT (the default) or
// DIYALOG_DATE_ZONE_NUMERIC.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_date_zone(struct diyalog_config *config,
                                                  int32_t zone,
                                                  struct diyalog_error **error);

// How many idle connections are kept for the next calls. Default 8; 0 for none.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_max_idle_connections(struct diyalog_config *config,
                                                             uint32_t connections,
                                                             struct diyalog_error **error);

// What follows diyalog/<version> in the User-Agent header: the name of your program. Default
// nothing.
//
// The text is copied.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_user_agent_suffix(struct diyalog_config *config,
                                                          const char *suffix,
                                                          struct diyalog_error **error);

// Takes over the settings that the environment names; they win over what was set before:
// DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID,
// DIYALOG_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE, DIYALOG_PROXY.
//
// Empty variables count as not set. Fails with DIYALOG_ERROR_INVALID_CONFIG where one cannot be
// read; nothing is taken over then. No other function looks at these variables.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_load_env(struct diyalog_config *config,
                                             struct diyalog_error **error);

// Who receives the client's log lines, up to max_level (a DIYALOG_LOG_ constant). Default nobody;
// a NULL callback takes it away again.
//
// It is called on the thread that makes the call, so perhaps on several at once. It must not call
// this library and must not throw. user_data is handed to it as it is and stays the caller's: it
// has to live as long as every client made with these settings. No line holds the secret, a
// signature or a body.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_config_set_log_callback(struct diyalog_config *config,
                                                     diyalog_log_callback callback,
                                                     void *user_data,
                                                     int32_t max_level,
                                                     struct diyalog_error **error);

// Makes a client: checks the settings and reads the files that they name. Opens no connection.
//
// On success *client receives a client that the caller owns and frees with diyalog_client_free;
// otherwise it is left as it is. The settings are copied and stay the caller's.
//
// Fails with DIYALOG_ERROR_INVALID_CONFIG, naming the setting that is missing or makes no sense.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_client_new(const struct diyalog_config *config,
                                        struct diyalog_client **client,
                                        struct diyalog_error **error);

// Frees a client and closes its connections. NULL is taken and does nothing.
//
// To be called once, when no call is running on it any more.
DIYALOG_API void DIYALOG_CALL diyalog_client_free(struct diyalog_client *client);

// Asks whether a customer is in an active online help session right now, and with whom
// (POST /v1/application/iscustomerinonlinehelp). Blocks until the answer is there or the deadline
// has passed.
//
// customer_id and options stay the caller's; NULL options stand for the client's settings. On
// success *status is overwritten and owns its strings until diyalog_help_status_clear; on failure
// it is left as it is. That the system knows no such customer is a success: is_in_help is 0 and
// error_code 400.
//
// Fails with any DIYALOG_ERROR_ code.
DIYALOG_API
int32_t DIYALOG_CALL diyalog_client_is_customer_in_online_help(const struct diyalog_client *client,
                                                               const char *customer_id,
                                                               const struct diyalog_call_options *options,
                                                               struct diyalog_help_status *status,
                                                               struct diyalog_error **error);

// Frees the strings of an answer and sets every field but struct_size to zero. NULL is taken and
// does nothing.
//
// The struct itself stays the caller's. Clearing a cleared or fresh one does nothing.
DIYALOG_API void DIYALOG_CALL diyalog_help_status_clear(struct diyalog_help_status *status);

// The code of the error, a DIYALOG_ERROR_ constant; DIYALOG_OK for NULL.
//
// The error stays the caller's.
DIYALOG_API int32_t DIYALOG_CALL diyalog_error_code(const struct diyalog_error *error);

// What happened, to which host, and what to do about it, in English; "" for NULL. Never holds
// the secret, a signature or an authorization header.
//
// The text belongs to the error and lives as long as it.
DIYALOG_API const char *DIYALOG_CALL diyalog_error_message(const struct diyalog_error *error);

// The HTTP status of the answer; 0 where no answer was received, and for NULL.
//
// The error stays the caller's.
DIYALOG_API int32_t DIYALOG_CALL diyalog_error_http_status(const struct diyalog_error *error);

// 1 where the same call may succeed later, else 0; 0 for NULL. The client has then already tried
// again as often as its settings and the deadline allow.
//
// The error stays the caller's.
DIYALOG_API int32_t DIYALOG_CALL diyalog_error_is_retryable(const struct diyalog_error *error);

// Frees an error and its message. NULL is taken and does nothing.
//
// To be called once for each error that was received.
DIYALOG_API void DIYALOG_CALL diyalog_error_free(struct diyalog_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DIYALOG_H */
