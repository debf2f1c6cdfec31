/*
 * diyalog.hpp: diyalog.h for C++11 and later, header-only.
 *
 * RAII and nothing else: Config and Client own their handles, Error is an exception, HelpStatus and
 * Response are values with std::string members. diyalog.h documents the settings, codes and results.
 *
 *   diyalog::Client client(diyalog::Config()
 *                              .endpoint("https://api.bank.example")
 *                              .credentials("1234567-8ABC-DEF0-5432-56712ABCDEF5", "the secret")
 *                              .requester_user_id("45186"));
 *   diyalog::HelpStatus status = client.is_customer_in_online_help("70022");
 *   if (status.is_in_help) std::cout << status.staff_id << "\n";
 *   std::cout << client.post("/v1/reporting/getcalllist", "{...}").body << "\n";
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef DIYALOG_HPP
#define DIYALOG_HPP

#include "diyalog.h"

#include <memory>
#include <stdexcept>
#include <string>

namespace diyalog {

/* The reason why a call failed. Thrown by every function here that is not noexcept.
 *
 * Immutable, so thread-safe. */
class Error : public std::runtime_error {
public:
  Error(int32_t code, const std::string &message, int32_t http_status = 0, bool retryable = false,
        const std::string &argument = std::string(), uint32_t retry_after_ms = 0)
      : std::runtime_error(message), code_(code), http_status_(http_status), retryable_(retryable),
        retry_after_ms_(retry_after_ms), argument_(argument) {}

  /* Returns a DIYALOG_ERROR_ constant. */
  int32_t code() const noexcept { return code_; }

  /* Returns the HTTP status of the response; 0 if none was received. */
  int32_t http_status() const noexcept { return http_status_; }

  /* Returns whether the failure is transient, so that the same call may succeed later. */
  bool retryable() const noexcept { return retryable_; }

  /* Returns the name of the argument or setting that is invalid, for the codes INVALID_ARGUMENT and
   * INVALID_CONFIG; otherwise "". The text lives as long as the error, do not free. */
  const char *argument() const noexcept { return argument_.what(); }

  /* Returns how long the server asked to wait before the next call, in milliseconds; 0 if it did
   * not. */
  uint32_t retry_after_ms() const noexcept { return retry_after_ms_; }

private:
  int32_t code_;
  int32_t http_status_;
  bool retryable_;
  uint32_t retry_after_ms_;
  /* Copying an exception must not throw, as copying a std::string may. */
  std::runtime_error argument_;
};

namespace detail {

struct Free {
  void operator()(diyalog_config *config) const noexcept { diyalog_config_free(config); }
  void operator()(diyalog_client *client) const noexcept { diyalog_client_free(client); }
  void operator()(diyalog_error *error) const noexcept { diyalog_error_free(error); }
  void operator()(diyalog_cancellation *it) const noexcept { diyalog_cancellation_free(it); }
  void operator()(diyalog_queue *queue) const noexcept { diyalog_queue_free(queue); }
  void operator()(diyalog_completion *it) const noexcept { diyalog_completion_free(it); }
};

inline Error to_exception(const diyalog_error *error) {
  const char *argument = diyalog_error_argument(error);
  return Error(diyalog_error_code(error), diyalog_error_message(error),
               diyalog_error_http_status(error), diyalog_error_is_retryable(error) == 1,
               argument ? argument : "", diyalog_error_retry_after_ms(error));
}

/* Throws the error of a failed call. Callers make the call in a statement of its own: as an argument
 * here it might be evaluated after `error`. */
inline void check(int32_t code, diyalog_error *error) {
  std::unique_ptr<diyalog_error, Free> owned(error);
  if (code != DIYALOG_OK) {
    throw to_exception(error);
  }
}

/* A std::string can contain a NUL, where C would silently end it. */
inline const char *c_text(const std::string &text, const char *name) {
  if (text.find('\0') != std::string::npos) {
    throw Error(DIYALOG_ERROR_INVALID_ARGUMENT, std::string(name) + " must not contain NUL", 0, false,
                name);
  }
  return text.c_str();
}

/* Out-structs that are cleared on every path. */
inline void clear(diyalog_help_status *status) noexcept { diyalog_help_status_clear(status); }
inline void clear(diyalog_response *response) noexcept { diyalog_response_clear(response); }
inline void clear(diyalog_signed_headers *headers) noexcept { diyalog_signed_headers_clear(headers); }

template <typename Raw> struct Cleared {
  Raw raw;
  explicit Cleared(const Raw &initial) noexcept : raw(initial) {}
  ~Cleared() { clear(&raw); }
  Cleared(const Cleared &) = delete;
  Cleared &operator=(const Cleared &) = delete;
};

} /* namespace detail */

/* Returns the version of the running library, such as "0.2.0".
 *
 * Static, do not free. Thread-safe. */
inline const char *version() noexcept { return diyalog_version(); }

/* Returns the version of the running library as a number to compare with DIYALOG_VERSION_NUMBER.
 *
 * Thread-safe. */
inline int32_t version_number() noexcept { return diyalog_version_number(); }

/* Settings for a client; each function is diyalog_config_set_ of its name. Can be moved, not copied.
 *
 * Not thread-safe; use from one thread at a time. */
class Config {
public:
  Config() : config_(diyalog_config_new()) {}

  Config &endpoint(const std::string &url) {
    return set(diyalog_config_set_endpoint, url, "endpoint");
  }

  /* The secret may be text or bytes. */
  Config &credentials(const std::string &access_key_id, const std::string &access_key_secret) {
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_config_set_credentials_bytes(
        config_.get(), detail::c_text(access_key_id, "access_key_id"),
        reinterpret_cast<const uint8_t *>(access_key_secret.data()), access_key_secret.size(),
        &error);
    detail::check(code, error);
    return *this;
  }

  Config &requester_user_id(const std::string &user_id) {
    return set(diyalog_config_set_requester_user_id, user_id, "requester_user_id");
  }

  Config &timeout_ms(uint32_t milliseconds) {
    return set(diyalog_config_set_timeout_ms, milliseconds);
  }

  /* 0: none. */
  Config &attempt_timeout_ms(uint32_t milliseconds) {
    return set(diyalog_config_set_attempt_timeout_ms, milliseconds);
  }

  Config &max_retries(uint32_t retries) { return set(diyalog_config_set_max_retries, retries); }

  Config &ca_file(const std::string &path) {
    return set(diyalog_config_set_ca_file, path, "ca_file");
  }

  Config &system_trust(bool trust) { return set(diyalog_config_set_system_trust, trust ? 1 : 0); }

  Config &client_certificate_file(const std::string &path) {
    return set(diyalog_config_set_client_certificate_file, path, "client_certificate_file");
  }

  Config &client_key_file(const std::string &path) {
    return set(diyalog_config_set_client_key_file, path, "client_key_file");
  }

  Config &proxy(const std::string &proxy) { return set(diyalog_config_set_proxy, proxy, "proxy"); }

  Config &allow_plain_http(bool allow) {
    return set(diyalog_config_set_allow_plain_http, allow ? 1 : 0);
  }

  Config &clock_correction(bool correct) {
    return set(diyalog_config_set_clock_correction, correct ? 1 : 0);
  }

  Config &date_zone(int32_t zone) { return set(diyalog_config_set_date_zone, zone); }

  Config &max_idle_connections(uint32_t connections) {
    return set(diyalog_config_set_max_idle_connections, connections);
  }

  Config &user_agent_suffix(const std::string &suffix) {
    return set(diyalog_config_set_user_agent_suffix, suffix, "user_agent_suffix");
  }

  /* As in C: the callback must not throw, and user_data must outlive every client created from these
   * settings. */
  Config &log_callback(diyalog_log_callback callback, void *user_data, int32_t max_level) {
    diyalog_error *error = nullptr;
    const int32_t code =
        diyalog_config_set_log_callback(config_.get(), callback, user_data, max_level, &error);
    detail::check(code, error);
    return *this;
  }

  /* Sets what DIYALOG_* environment variables contain. */
  Config &load_env() {
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_config_load_env(config_.get(), &error);
    detail::check(code, error);
    return *this;
  }

  const diyalog_config *get() const noexcept { return config_.get(); }

private:
  typedef int32_t(DIYALOG_CALL *SetText)(diyalog_config *, const char *, diyalog_error **);

  Config &set(SetText setter, const std::string &text, const char *name) {
    diyalog_error *error = nullptr;
    const int32_t code = setter(config_.get(), detail::c_text(text, name), &error);
    detail::check(code, error);
    return *this;
  }

  template <typename Number>
  Config &set(int32_t(DIYALOG_CALL *setter)(diyalog_config *, Number, diyalog_error **),
              Number number) {
    diyalog_error *error = nullptr;
    const int32_t code = setter(config_.get(), number, &error);
    detail::check(code, error);
    return *this;
  }

  std::unique_ptr<diyalog_config, detail::Free> config_;
};

/* The result of a lookup: whether a customer is in online help, and with whom.
 *
 * Not thread-safe; use from one thread at a time. */
struct HelpStatus {
  bool is_in_help;
  /* A DIYALOG_HELP_TYPE_ constant. */
  int32_t help_type;
  /* errorCode of the response, 0 if none. */
  int32_t error_code;
  /* Empty if none. */
  std::string help_type_text;
  /* Empty if none. */
  std::string staff_id;

  /* Returns false if there is no such customer. */
  bool customer_found() const noexcept { return error_code != 400; }
};

/* The response of an endpoint of the platform.
 *
 * Not thread-safe; use from one thread at a time. */
struct Response {
  /* 200: all other responses are errors. */
  int32_t http_status;
  /* The JSON as received. */
  std::string body;
};

/* The values of the headers that sign one request.
 *
 * Not thread-safe; use from one thread at a time. */
struct SignedHeaders {
  /* Of x-dlg-date. */
  std::string date;
  /* Of x-dlg-requester-userid. */
  std::string requester_user_id;
  /* Of x-dlg-authorization. */
  std::string authorization;
};

namespace detail {

inline Response to_value(const diyalog_response &raw) {
  Response response;
  response.http_status = raw.http_status;
  response.body.assign(raw.body, raw.body_length);
  return response;
}

inline SignedHeaders to_value(const diyalog_signed_headers &raw) {
  SignedHeaders headers;
  headers.date = raw.date;
  headers.requester_user_id = raw.requester_user_id;
  headers.authorization = raw.authorization;
  return headers;
}

inline HelpStatus to_value(const diyalog_help_status &raw) {
  HelpStatus status;
  status.is_in_help = raw.is_in_help == 1;
  status.help_type = raw.help_type;
  status.error_code = raw.error_code;
  status.help_type_text = raw.help_type_text ? raw.help_type_text : "";
  status.staff_id = raw.staff_id ? raw.staff_id : "";
  return status;
}

} /* namespace detail */

/* Ends calls from another thread. Can be moved, not copied; must outlive the calls of a Client that
 * use it, not those of a Queue.
 *
 * Thread-safe. */
class Cancellation {
public:
  Cancellation() : cancellation_(diyalog_cancellation_new()) {}

  /* Never blocks. A cancellation stays cancelled. */
  void cancel() const noexcept { diyalog_cancellation_cancel(cancellation_.get()); }

  const diyalog_cancellation *get() const noexcept { return cancellation_.get(); }

private:
  std::unique_ptr<diyalog_cancellation, detail::Free> cancellation_;
};

/* Per-call overrides of the client's settings.
 *
 * Not thread-safe; use from one thread at a time. */
class CallOptions {
public:
  CallOptions() noexcept
      : timeout_ms_(0), has_requester_user_id_(false), cancellation_(nullptr), repeatable_(false),
        log_level_(0) {}

  /* 0: the client's. */
  CallOptions &timeout_ms(uint32_t milliseconds) noexcept {
    timeout_ms_ = milliseconds;
    return *this;
  }

  /* "" is an invalid argument; not set: the client's. */
  CallOptions &requester_user_id(const std::string &user_id) {
    requester_user_id_ = user_id;
    has_requester_user_id_ = true;
    return *this;
  }

  /* Borrowed until the call has returned; a Queue keeps a reference of its own. */
  CallOptions &cancellation(const Cancellation &cancellation) noexcept {
    cancellation_ = cancellation.get();
    return *this;
  }

  /* Posts only: whether the server may receive the request twice without harm. */
  CallOptions &repeatable(bool repeatable) noexcept {
    repeatable_ = repeatable;
    return *this;
  }

  /* A DIYALOG_LOG_ constant; 0 uses the client's level, -1 writes no lines. */
  CallOptions &log_level(int32_t level) noexcept {
    log_level_ = level;
    return *this;
  }

private:
  friend class Client;
  friend class Queue;

  diyalog_call_options raw() const {
    diyalog_call_options raw = DIYALOG_CALL_OPTIONS_INIT;
    raw.timeout_ms = timeout_ms_;
    if (has_requester_user_id_) {
      raw.requester_user_id = detail::c_text(requester_user_id_, "requester_user_id");
    }
    raw.cancellation = cancellation_;
    raw.repeatable = repeatable_ ? 1 : 0;
    raw.log_level = log_level_;
    return raw;
  }

  uint32_t timeout_ms_;
  bool has_requester_user_id_;
  std::string requester_user_id_;
  const diyalog_cancellation *cancellation_;
  bool repeatable_;
  int32_t log_level_;
};

/* A client for one server, with a pool of persistent connections. Can be moved, not copied.
 *
 * Thread-safe. Share one per process. */
class Client {
public:
  explicit Client(const Config &config) {
    diyalog_client *client = nullptr;
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_client_new(config.get(), &client, &error);
    detail::check(code, error);
    client_.reset(client);
  }

  /* Looks up whether a customer is in online help. Blocks until the response is complete or the
   * deadline has passed. */
  HelpStatus is_customer_in_online_help(const std::string &customer_id,
                                        const CallOptions &options = CallOptions()) const {
    const diyalog_call_options raw_options = options.raw();
    detail::Cleared<diyalog_help_status> status(DIYALOG_HELP_STATUS_INIT);
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_client_is_customer_in_online_help(
        client_.get(), detail::c_text(customer_id, "customer_id"), &raw_options, &status.raw,
        &error);
    detail::check(code, error);
    return detail::to_value(status.raw);
  }

  /* Sends a signed POST request to an endpoint of the platform and returns its JSON response. Blocks
   * until the response is complete or the deadline has passed. See diyalog_client_post. */
  Response post(const std::string &path, const std::string &json,
                const CallOptions &options = CallOptions()) const {
    const diyalog_call_options raw_options = options.raw();
    detail::Cleared<diyalog_response> response(DIYALOG_RESPONSE_INIT);
    diyalog_error *error = nullptr;
    const int32_t code =
        diyalog_client_post(client_.get(), detail::c_text(path, "path"),
                            detail::c_text(json, "json"), &raw_options, &response.raw, &error);
    detail::check(code, error);
    return detail::to_value(response.raw);
  }

  /* Signs a request that the program sends itself, with the content type application/json. Sends
   * nothing. See diyalog_client_sign. */
  SignedHeaders sign(const std::string &method, const std::string &path, const std::string &body,
                     const CallOptions &options = CallOptions()) const {
    const diyalog_call_options raw_options = options.raw();
    detail::Cleared<diyalog_signed_headers> headers(DIYALOG_SIGNED_HEADERS_INIT);
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_client_sign(
        client_.get(), detail::c_text(method, "method"), detail::c_text(path, "path"), body.data(),
        body.size(), &raw_options, &headers.raw, &error);
    detail::check(code, error);
    return detail::to_value(headers.raw);
  }

  const diyalog_client *get() const noexcept { return client_.get(); }

private:
  std::unique_ptr<diyalog_client, detail::Free> client_;
};

/* The end of a queued call, or nothing: true if there is one. Can be moved, not copied.
 *
 * Immutable, so thread-safe. */
class Completion {
public:
  explicit Completion(diyalog_completion *completion = nullptr) noexcept
      : completion_(completion) {}

  explicit operator bool() const noexcept { return completion_ != nullptr; }

  /* What the call was submitted with. */
  void *tag() const noexcept { return diyalog_completion_tag(completion_.get()); }

  /* DIYALOG_OK or a DIYALOG_ERROR_ constant. */
  int32_t code() const noexcept { return diyalog_completion_code(completion_.get()); }

  /* Returns the status of a lookup, or throws the Error of a call that failed. */
  HelpStatus status() const {
    return value_of(diyalog_completion_status(completion_.get()),
                    "the completion has no help status; it is of Queue::submit_post, or empty");
  }

  /* Returns the response of a post, or throws the Error of a call that failed. */
  Response response() const {
    return value_of(diyalog_completion_response(completion_.get()),
                    "the completion has no response; it is of Queue::submit, or empty");
  }

private:
  template <typename Raw>
  auto value_of(const Raw *raw, const char *if_missing) const -> decltype(detail::to_value(*raw)) {
    if (code() != DIYALOG_OK) {
      throw detail::to_exception(diyalog_completion_error(completion_.get()));
    }
    if (raw == nullptr) {
      throw Error(DIYALOG_ERROR_INVALID_ARGUMENT, if_missing);
    }
    return detail::to_value(*raw);
  }

  std::unique_ptr<diyalog_completion, detail::Free> completion_;
};

/* Many calls in flight on one client, which must outlive it. Can be moved, not copied. Its
 * destructor cancels what is pending and drops what was not returned.
 *
 * Thread-safe. */
class Queue {
public:
  Queue(const Client &client, uint32_t max_in_flight) {
    diyalog_queue *queue = nullptr;
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_queue_new(client.get(), max_in_flight, &queue, &error);
    detail::check(code, error);
    queue_.reset(queue);
  }

  /* As diyalog_queue_set_wake_callback: before the first submit, and it must not throw. */
  void wake_callback(diyalog_wake_callback callback, void *user_data) {
    diyalog_error *error = nullptr;
    const int32_t code =
        diyalog_queue_set_wake_callback(queue_.get(), callback, user_data, &error);
    detail::check(code, error);
  }

  /* As diyalog_queue_set_wake_fd: before the first submit. */
  void wake_fd(intptr_t fd) {
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_queue_set_wake_fd(queue_.get(), fd, &error);
    detail::check(code, error);
  }

  /* Returns at once. The arguments are copied; tag comes back with the completion. */
  void submit(const std::string &customer_id, void *tag = nullptr,
              const CallOptions &options = CallOptions()) {
    const diyalog_call_options raw_options = options.raw();
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_queue_submit(
        queue_.get(), detail::c_text(customer_id, "customer_id"), &raw_options, tag, &error);
    detail::check(code, error);
  }

  /* Queues a post; see Client::post. Otherwise as submit. */
  void submit_post(const std::string &path, const std::string &json, void *tag = nullptr,
                   const CallOptions &options = CallOptions()) {
    const diyalog_call_options raw_options = options.raw();
    diyalog_error *error = nullptr;
    const int32_t code =
        diyalog_queue_submit_post(queue_.get(), detail::c_text(path, "path"),
                                  detail::c_text(json, "json"), &raw_options, tag, &error);
    detail::check(code, error);
  }

  /* Returns the next completion; an empty one if the time is over, or with DIYALOG_WAIT_FOREVER
   * if nothing is pending. 0 polls. */
  Completion next(uint32_t timeout_ms = DIYALOG_WAIT_FOREVER) noexcept {
    return Completion(diyalog_queue_next(queue_.get(), timeout_ms));
  }

  /* Submitted, and not yet returned by next. */
  size_t pending() const noexcept { return diyalog_queue_pending(queue_.get()); }

  /* Everything pending completes with DIYALOG_ERROR_CANCELLED. The queue stays usable. */
  void cancel() noexcept { diyalog_queue_cancel(queue_.get()); }

private:
  std::unique_ptr<diyalog_queue, detail::Free> queue_;
};

} /* namespace diyalog */

#endif /* DIYALOG_HPP */
