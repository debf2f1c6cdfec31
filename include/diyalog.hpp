/*
 * diyalog.hpp: diyalog.h for C++11 and later, header-only.
 *
 * RAII and nothing else: Config and Client own their handles, Error is an exception, HelpStatus a
 * value with std::string members. What the settings, codes and answers mean is said in diyalog.h.
 *
 *   diyalog::Client client(diyalog::Config()
 *                              .endpoint("https://api.bank.example")
 *                              .credentials("1234567-8ABC-DEF0-5432-56712ABCDEF5", "the secret")
 *                              .requester_user_id("45186"));
 *   diyalog::HelpStatus status = client.is_customer_in_online_help("70022");
 *   if (status.is_in_help) std::cout << status.staff_id << "\n";
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

/* Why a call failed. Thrown by every function here that is not noexcept.
 *
 * Immutable, like diyalog_error. */
class Error : public std::runtime_error {
public:
  Error(int32_t code, const std::string &message, int32_t http_status = 0, bool retryable = false)
      : std::runtime_error(message), code_(code), http_status_(http_status), retryable_(retryable) {}

  /* A DIYALOG_ERROR_ constant. */
  int32_t code() const noexcept { return code_; }

  /* The HTTP status of the answer; 0 where no answer was received. */
  int32_t http_status() const noexcept { return http_status_; }

  /* Whether the same call may succeed later. */
  bool retryable() const noexcept { return retryable_; }

private:
  int32_t code_;
  int32_t http_status_;
  bool retryable_;
};

namespace detail {

struct Free {
  void operator()(diyalog_config *config) const noexcept { diyalog_config_free(config); }
  void operator()(diyalog_client *client) const noexcept { diyalog_client_free(client); }
  void operator()(diyalog_error *error) const noexcept { diyalog_error_free(error); }
};

/* Throws the error of a call that failed. The call is made in a statement of its own before: as an
 * argument here it might be evaluated after `error`. */
inline void check(int32_t code, diyalog_error *error) {
  std::unique_ptr<diyalog_error, Free> owned(error);
  if (code != DIYALOG_OK) {
    throw Error(code, diyalog_error_message(error), diyalog_error_http_status(error),
                diyalog_error_is_retryable(error) == 1);
  }
}

/* A std::string can hold a NUL, at which C would cut it short without a word. */
inline const char *c_text(const std::string &text, const char *name) {
  if (text.find('\0') != std::string::npos) {
    throw Error(DIYALOG_ERROR_INVALID_ARGUMENT, std::string(name) + " must not contain NUL");
  }
  return text.c_str();
}

/* An answer's struct that is cleared whatever happens. */
struct Status {
  diyalog_help_status raw;
  Status() noexcept : raw(diyalog_help_status(DIYALOG_HELP_STATUS_INIT)) {}
  ~Status() { diyalog_help_status_clear(&raw); }
  Status(const Status &) = delete;
  Status &operator=(const Status &) = delete;
};

} /* namespace detail */

/* The version of the library that is running, such as "0.1.0". */
inline const char *version() noexcept { return diyalog_version(); }

/* The settings that a client is made with; each function is diyalog_config_set_ of its name.
 *
 * Not safe to use from several threads at the same time. */
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

  /* As in C: the callback must not throw, and user_data has to outlive every client made. */
  Config &log_callback(diyalog_log_callback callback, void *user_data, int32_t max_level) {
    diyalog_error *error = nullptr;
    const int32_t code =
        diyalog_config_set_log_callback(config_.get(), callback, user_data, max_level, &error);
    detail::check(code, error);
    return *this;
  }

  /* Takes over the settings that DIYALOG_* environment variables name. */
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

/* Whether a customer is in an online help session, and with whom. */
struct HelpStatus {
  bool is_in_help;
  /* A DIYALOG_HELP_TYPE_ constant. */
  int32_t help_type;
  /* errorCode of the answer, 0 if none. */
  int32_t error_code;
  /* Empty if none. */
  std::string help_type_text;
  /* Empty if none. */
  std::string staff_id;

  /* False where the system knows no such customer. */
  bool customer_found() const noexcept { return error_code != 400; }
};

/* What one call does differently from the client's settings. */
class CallOptions {
public:
  CallOptions() noexcept : timeout_ms_(0) {}

  CallOptions &timeout_ms(uint32_t milliseconds) noexcept {
    timeout_ms_ = milliseconds;
    return *this;
  }

  CallOptions &requester_user_id(const std::string &user_id) {
    requester_user_id_ = user_id;
    return *this;
  }

private:
  friend class Client;
  uint32_t timeout_ms_;
  std::string requester_user_id_;
};

/* Asks one server, on connections that it keeps. Can be moved, not copied.
 *
 * Safe to use from any number of threads at the same time: share one per process. */
class Client {
public:
  explicit Client(const Config &config) {
    diyalog_client *client = nullptr;
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_client_new(config.get(), &client, &error);
    detail::check(code, error);
    client_.reset(client);
  }

  /* Blocks until the answer is there or the deadline has passed. */
  HelpStatus is_customer_in_online_help(const std::string &customer_id,
                                        const CallOptions &options = CallOptions()) const {
    diyalog_call_options raw_options = DIYALOG_CALL_OPTIONS_INIT;
    raw_options.timeout_ms = options.timeout_ms_;
    if (!options.requester_user_id_.empty()) {
      raw_options.requester_user_id =
          detail::c_text(options.requester_user_id_, "requester_user_id");
    }
    detail::Status status;
    diyalog_error *error = nullptr;
    const int32_t code = diyalog_client_is_customer_in_online_help(
        client_.get(), detail::c_text(customer_id, "customer_id"), &raw_options, &status.raw,
        &error);
    detail::check(code, error);
    HelpStatus answer;
    answer.is_in_help = status.raw.is_in_help == 1;
    answer.help_type = status.raw.help_type;
    answer.error_code = status.raw.error_code;
    answer.help_type_text = status.raw.help_type_text ? status.raw.help_type_text : "";
    answer.staff_id = status.raw.staff_id ? status.raw.staff_id : "";
    return answer;
  }

private:
  std::unique_ptr<diyalog_client, detail::Free> client_;
};

} /* namespace diyalog */

#endif /* DIYALOG_HPP */
