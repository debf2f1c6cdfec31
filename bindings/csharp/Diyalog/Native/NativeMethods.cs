// The aliases are shapes of functions, each named after its use. Text goes in as UTF-8 that ends with a NUL; an error
// comes out of the last parameter and belongs to the caller.

using System;
using System.Threading;
using unsafe Act = delegate* unmanaged[Cdecl]<nint, void>;
using unsafe Create = delegate* unmanaged[Cdecl]<nint>;
using unsafe ReadInt32 = delegate* unmanaged[Cdecl]<nint, int>;
using unsafe ReadPointer = delegate* unmanaged[Cdecl]<nint, nint>;
using unsafe ReadText = delegate* unmanaged[Cdecl]<nint, byte*>;
using unsafe SetInt32 = delegate* unmanaged[Cdecl]<nint, int, nint*, int>;
using unsafe SetText = delegate* unmanaged[Cdecl]<nint, byte*, nint*, int>;
using unsafe SetUInt32 = delegate* unmanaged[Cdecl]<nint, uint, nint*, int>;

namespace Diyalog.Native;

/// <summary>
/// The functions of <c>include/diyalog.h</c> that this assembly calls, in the header's order and under its names.
/// </summary>
/// <remarks>
/// <para>Unmanaged function pointers over the addresses that the loader found, not <c>[DllImport]</c>s. A
/// <c>[DllImport]</c> names a file, which each runtime looks up by rules of its own: .NET Framework prefers a diyalog.dll
/// beside the assembly to one that was loaded on purpose, and Mono knows no folder per processor. A pointer leaves
/// nothing to look up, works trimmed and compiled ahead of time, and costs less than a delegate.</para>
/// <para>Arguments are blittable: handles travel as pointers, and the callers hold a reference to them for the whole
/// call.</para>
/// </remarks>
internal sealed unsafe class NativeMethods
{
    internal const int Ok = 0;

    private static readonly Lazy<NativeMethods> Loaded =
        new(NativeLibraryLoader.Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The library, loaded at first use and never unloaded. If loading failed, every use throws the same
    /// exception.</summary>
    internal static NativeMethods Library => Loaded.Value;

    internal readonly delegate* unmanaged[Cdecl]<byte*> diyalog_version;

    internal readonly Create diyalog_config_new;
    internal readonly Act diyalog_config_free;
    internal readonly SetText diyalog_config_set_endpoint;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint*, int> diyalog_config_set_credentials;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, nuint, nint*, int>
        diyalog_config_set_credentials_bytes;
    internal readonly SetText diyalog_config_set_requester_user_id;
    internal readonly SetUInt32 diyalog_config_set_timeout_ms;
    internal readonly SetUInt32 diyalog_config_set_attempt_timeout_ms;
    internal readonly SetUInt32 diyalog_config_set_max_retries;
    internal readonly SetText diyalog_config_set_ca_file;
    internal readonly SetInt32 diyalog_config_set_system_trust;
    internal readonly SetText diyalog_config_set_client_certificate_file;
    internal readonly SetText diyalog_config_set_client_key_file;
    internal readonly SetText diyalog_config_set_proxy;
    internal readonly SetInt32 diyalog_config_set_allow_plain_http;
    internal readonly SetInt32 diyalog_config_set_clock_correction;
    internal readonly SetInt32 diyalog_config_set_date_zone;
    internal readonly SetUInt32 diyalog_config_set_max_idle_connections;
    internal readonly SetText diyalog_config_set_user_agent_suffix;
    internal readonly delegate* unmanaged[Cdecl]<byte*, byte*> diyalog_config_variable;
    internal readonly delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint*, int> diyalog_config_set_log_callback;

    internal readonly Create diyalog_cancellation_new;
    internal readonly Act diyalog_cancellation_cancel;
    internal readonly Act diyalog_cancellation_free;

    internal readonly delegate* unmanaged[Cdecl]<nint, nint*, nint*, int> diyalog_client_new;
    internal readonly Act diyalog_client_free;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, NativeCallOptions*, NativeHelpStatus*, nint*, int>
        diyalog_client_is_customer_in_online_help;
    internal readonly delegate* unmanaged[Cdecl]<NativeHelpStatus*, void> diyalog_help_status_clear;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, NativeCallOptions*, NativeResponse*, nint*, int>
        diyalog_client_post;
    internal readonly delegate* unmanaged[Cdecl]<NativeResponse*, void> diyalog_response_clear;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, NativeCallOptions*, NativeSignedHeaders*, nint*, int>
        diyalog_client_sign;
    internal readonly delegate* unmanaged[Cdecl]<NativeSignedHeaders*, void> diyalog_signed_headers_clear;

    internal readonly ReadText diyalog_error_message;
    internal readonly ReadInt32 diyalog_error_http_status;
    internal readonly ReadInt32 diyalog_error_is_retryable;
    internal readonly ReadText diyalog_error_argument;
    internal readonly delegate* unmanaged[Cdecl]<nint, uint> diyalog_error_retry_after_ms;
    internal readonly Act diyalog_error_free;

    internal readonly delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int> diyalog_queue_new;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, NativeCallOptions*, nint, nint*, int>
        diyalog_queue_submit;
    internal readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, NativeCallOptions*, nint, nint*, int>
        diyalog_queue_submit_post;
    internal readonly delegate* unmanaged[Cdecl]<nint, uint, nint> diyalog_queue_next;
    internal readonly delegate* unmanaged[Cdecl]<nint, nuint> diyalog_queue_pending;
    internal readonly Act diyalog_queue_cancel;
    internal readonly Act diyalog_queue_free;

    internal readonly ReadPointer diyalog_completion_tag;
    internal readonly ReadInt32 diyalog_completion_code;
    internal readonly delegate* unmanaged[Cdecl]<nint, NativeHelpStatus*> diyalog_completion_status;
    internal readonly delegate* unmanaged[Cdecl]<nint, NativeResponse*> diyalog_completion_response;
    internal readonly ReadPointer diyalog_completion_error;
    internal readonly Act diyalog_completion_free;

    /// <param name="find">Returns the address of a function, or throws
    /// <see cref="EntryPointNotFoundException"/>.</param>
    internal NativeMethods(Func<string, nint> find)
    {
        diyalog_version = (delegate* unmanaged[Cdecl]<byte*>)find(nameof(diyalog_version));

        diyalog_config_new = (Create)find(nameof(diyalog_config_new));
        diyalog_config_free = (Act)find(nameof(diyalog_config_free));
        diyalog_config_set_endpoint = (SetText)find(nameof(diyalog_config_set_endpoint));
        diyalog_config_set_credentials = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint*, int>)
            find(nameof(diyalog_config_set_credentials));
        diyalog_config_set_credentials_bytes = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nuint, nint*, int>)
            find(nameof(diyalog_config_set_credentials_bytes));
        diyalog_config_set_requester_user_id = (SetText)find(nameof(diyalog_config_set_requester_user_id));
        diyalog_config_set_timeout_ms = (SetUInt32)find(nameof(diyalog_config_set_timeout_ms));
        diyalog_config_set_attempt_timeout_ms = (SetUInt32)find(nameof(diyalog_config_set_attempt_timeout_ms));
        diyalog_config_set_max_retries = (SetUInt32)find(nameof(diyalog_config_set_max_retries));
        diyalog_config_set_ca_file = (SetText)find(nameof(diyalog_config_set_ca_file));
        diyalog_config_set_system_trust = (SetInt32)find(nameof(diyalog_config_set_system_trust));
        diyalog_config_set_client_certificate_file = (SetText)find(nameof(diyalog_config_set_client_certificate_file));
        diyalog_config_set_client_key_file = (SetText)find(nameof(diyalog_config_set_client_key_file));
        diyalog_config_set_proxy = (SetText)find(nameof(diyalog_config_set_proxy));
        diyalog_config_set_allow_plain_http = (SetInt32)find(nameof(diyalog_config_set_allow_plain_http));
        diyalog_config_set_clock_correction = (SetInt32)find(nameof(diyalog_config_set_clock_correction));
        diyalog_config_set_date_zone = (SetInt32)find(nameof(diyalog_config_set_date_zone));
        diyalog_config_set_max_idle_connections = (SetUInt32)find(nameof(diyalog_config_set_max_idle_connections));
        diyalog_config_set_user_agent_suffix = (SetText)find(nameof(diyalog_config_set_user_agent_suffix));
        diyalog_config_variable = (delegate* unmanaged[Cdecl]<byte*, byte*>)find(nameof(diyalog_config_variable));
        diyalog_config_set_log_callback = (delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint*, int>)
            find(nameof(diyalog_config_set_log_callback));

        diyalog_cancellation_new = (Create)find(nameof(diyalog_cancellation_new));
        diyalog_cancellation_cancel = (Act)find(nameof(diyalog_cancellation_cancel));
        diyalog_cancellation_free = (Act)find(nameof(diyalog_cancellation_free));

        diyalog_client_new = (delegate* unmanaged[Cdecl]<nint, nint*, nint*, int>)find(nameof(diyalog_client_new));
        diyalog_client_free = (Act)find(nameof(diyalog_client_free));
        diyalog_client_is_customer_in_online_help =
            (delegate* unmanaged[Cdecl]<nint, byte*, NativeCallOptions*, NativeHelpStatus*, nint*, int>)
            find(nameof(diyalog_client_is_customer_in_online_help));
        diyalog_help_status_clear = (delegate* unmanaged[Cdecl]<NativeHelpStatus*, void>)
            find(nameof(diyalog_help_status_clear));
        diyalog_client_post =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, NativeCallOptions*, NativeResponse*, nint*, int>)
            find(nameof(diyalog_client_post));
        diyalog_response_clear = (delegate* unmanaged[Cdecl]<NativeResponse*, void>)
            find(nameof(diyalog_response_clear));
        diyalog_client_sign =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, NativeCallOptions*, NativeSignedHeaders*, nint*, int>)
            find(nameof(diyalog_client_sign));
        diyalog_signed_headers_clear = (delegate* unmanaged[Cdecl]<NativeSignedHeaders*, void>)
            find(nameof(diyalog_signed_headers_clear));

        diyalog_error_message = (ReadText)find(nameof(diyalog_error_message));
        diyalog_error_http_status = (ReadInt32)find(nameof(diyalog_error_http_status));
        diyalog_error_is_retryable = (ReadInt32)find(nameof(diyalog_error_is_retryable));
        diyalog_error_argument = (ReadText)find(nameof(diyalog_error_argument));
        diyalog_error_retry_after_ms = (delegate* unmanaged[Cdecl]<nint, uint>)
            find(nameof(diyalog_error_retry_after_ms));
        diyalog_error_free = (Act)find(nameof(diyalog_error_free));

        diyalog_queue_new = (delegate* unmanaged[Cdecl]<nint, uint, nint*, nint*, int>)find(nameof(diyalog_queue_new));
        diyalog_queue_submit = (delegate* unmanaged[Cdecl]<nint, byte*, NativeCallOptions*, nint, nint*, int>)
            find(nameof(diyalog_queue_submit));
        diyalog_queue_submit_post =
            (delegate* unmanaged[Cdecl]<nint, byte*, byte*, NativeCallOptions*, nint, nint*, int>)
            find(nameof(diyalog_queue_submit_post));
        diyalog_queue_next = (delegate* unmanaged[Cdecl]<nint, uint, nint>)find(nameof(diyalog_queue_next));
        diyalog_queue_pending = (delegate* unmanaged[Cdecl]<nint, nuint>)find(nameof(diyalog_queue_pending));
        diyalog_queue_cancel = (Act)find(nameof(diyalog_queue_cancel));
        diyalog_queue_free = (Act)find(nameof(diyalog_queue_free));

        diyalog_completion_tag = (ReadPointer)find(nameof(diyalog_completion_tag));
        diyalog_completion_code = (ReadInt32)find(nameof(diyalog_completion_code));
        diyalog_completion_status = (delegate* unmanaged[Cdecl]<nint, NativeHelpStatus*>)
            find(nameof(diyalog_completion_status));
        diyalog_completion_response = (delegate* unmanaged[Cdecl]<nint, NativeResponse*>)
            find(nameof(diyalog_completion_response));
        diyalog_completion_error = (ReadPointer)find(nameof(diyalog_completion_error));
        diyalog_completion_free = (Act)find(nameof(diyalog_completion_free));
    }
}
