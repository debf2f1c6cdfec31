using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Diyalog
{
    /// <summary>
    /// The functions of <c>include/diyalog.h</c>, in its order and under its names.
    /// </summary>
    /// <remarks>
    /// <para>These are delegates over the addresses that the loader found, not <c>[DllImport]</c>s. A
    /// <c>[DllImport]</c> names a file, and each runtime then searches for it by rules of its own: .NET
    /// Framework takes a diyalog.dll beside the assembly before one that was loaded on purpose, Mono knows
    /// no folder per processor, and only .NET Core can be told otherwise. An address leaves nothing to
    /// search: what the loader checked is what is called, on every runtime by the same code. Arguments
    /// are marshalled as in a <c>[DllImport]</c>; a SafeHandle is held for as long as the call runs.</para>
    /// <para>The delegate types are the shapes that the functions have, each named after what it is for.
    /// Texts go in as bytes that <see cref="Utf8"/> made, and come out as pointers that it reads.</para>
    /// </remarks>
    internal sealed class NativeMethods
    {
        internal const int Ok = 0;

        private static readonly Lazy<NativeMethods> Loaded =
            new Lazy<NativeMethods>(NativeLibraryLoader.Load, LazyThreadSafetyMode.ExecutionAndPublication);

        /// <summary>The library, loaded at first use and never unloaded. What went wrong then is thrown
        /// again by every later use.</summary>
        internal static NativeMethods Library => Loaded.Value;

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void LogCallback(int level, IntPtr message, IntPtr userData);

        [StructLayout(LayoutKind.Sequential)]
        internal struct CallOptions
        {
            internal uint StructSize;
            internal uint TimeoutMs;
            internal IntPtr RequesterUserId;
        }

        [StructLayout(LayoutKind.Sequential)]
        internal struct NativeHelpStatus
        {
            internal uint StructSize;
            internal int IsInHelp;
            internal int HelpType;
            internal int ErrorCode;
            internal IntPtr HelpTypeText;
            internal IntPtr StaffId;
        }

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate IntPtr GetText();

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate ConfigHandle NewConfig();

        /// <summary>Takes the bare pointer: called by a handle on its way out, which nobody can pass.</summary>
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Free(IntPtr pointer);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetText(ConfigHandle config, byte[] text, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetCredentials(
            ConfigHandle config, byte[] accessKeyId, byte[] accessKeySecret, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetCredentialsBytes(
            ConfigHandle config, byte[] accessKeyId, byte[] secret, UIntPtr secretLength, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetNumber(ConfigHandle config, uint number, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetChoice(ConfigHandle config, int choice, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int LoadEnvironment(ConfigHandle config, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int SetLogCallback(
            ConfigHandle config, LogCallback callback, IntPtr userData, int maxLevel, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int NewClient(ConfigHandle config, out ClientHandle client, out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int LookUp(
            ClientHandle client,
            byte[] customerId,
            ref CallOptions options,
            ref NativeHelpStatus status,
            out ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void ClearStatus(ref NativeHelpStatus status);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int ErrorNumber(ErrorHandle error);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate IntPtr ErrorText(ErrorHandle error);

        internal readonly GetText diyalog_version;

        internal readonly NewConfig diyalog_config_new;
        internal readonly Free diyalog_config_free;
        internal readonly SetText diyalog_config_set_endpoint;
        internal readonly SetCredentials diyalog_config_set_credentials;
        internal readonly SetCredentialsBytes diyalog_config_set_credentials_bytes;
        internal readonly SetText diyalog_config_set_requester_user_id;
        internal readonly SetNumber diyalog_config_set_timeout_ms;
        internal readonly SetNumber diyalog_config_set_max_retries;
        internal readonly SetText diyalog_config_set_ca_file;
        internal readonly SetChoice diyalog_config_set_system_trust;
        internal readonly SetText diyalog_config_set_client_certificate_file;
        internal readonly SetText diyalog_config_set_client_key_file;
        internal readonly SetText diyalog_config_set_proxy;
        internal readonly SetChoice diyalog_config_set_allow_plain_http;
        internal readonly SetChoice diyalog_config_set_clock_correction;
        internal readonly SetChoice diyalog_config_set_date_zone;
        internal readonly SetNumber diyalog_config_set_max_idle_connections;
        internal readonly SetText diyalog_config_set_user_agent_suffix;
        internal readonly LoadEnvironment diyalog_config_load_env;
        internal readonly SetLogCallback diyalog_config_set_log_callback;

        internal readonly NewClient diyalog_client_new;
        internal readonly Free diyalog_client_free;
        internal readonly LookUp diyalog_client_is_customer_in_online_help;
        internal readonly ClearStatus diyalog_help_status_clear;

        internal readonly ErrorNumber diyalog_error_code;
        internal readonly ErrorText diyalog_error_message;
        internal readonly ErrorNumber diyalog_error_http_status;
        internal readonly ErrorNumber diyalog_error_is_retryable;
        internal readonly Free diyalog_error_free;

        /// <param name="address">Gives the address of a function, or throws
        /// <see cref="EntryPointNotFoundException"/>.</param>
        internal NativeMethods(Func<string, IntPtr> address)
        {
            Bind(address, out diyalog_version, nameof(diyalog_version));

            Bind(address, out diyalog_config_new, nameof(diyalog_config_new));
            Bind(address, out diyalog_config_free, nameof(diyalog_config_free));
            Bind(address, out diyalog_config_set_endpoint, nameof(diyalog_config_set_endpoint));
            Bind(address, out diyalog_config_set_credentials, nameof(diyalog_config_set_credentials));
            Bind(address, out diyalog_config_set_credentials_bytes, nameof(diyalog_config_set_credentials_bytes));
            Bind(address, out diyalog_config_set_requester_user_id, nameof(diyalog_config_set_requester_user_id));
            Bind(address, out diyalog_config_set_timeout_ms, nameof(diyalog_config_set_timeout_ms));
            Bind(address, out diyalog_config_set_max_retries, nameof(diyalog_config_set_max_retries));
            Bind(address, out diyalog_config_set_ca_file, nameof(diyalog_config_set_ca_file));
            Bind(address, out diyalog_config_set_system_trust, nameof(diyalog_config_set_system_trust));
            Bind(address, out diyalog_config_set_client_certificate_file,
                nameof(diyalog_config_set_client_certificate_file));
            Bind(address, out diyalog_config_set_client_key_file, nameof(diyalog_config_set_client_key_file));
            Bind(address, out diyalog_config_set_proxy, nameof(diyalog_config_set_proxy));
            Bind(address, out diyalog_config_set_allow_plain_http, nameof(diyalog_config_set_allow_plain_http));
            Bind(address, out diyalog_config_set_clock_correction, nameof(diyalog_config_set_clock_correction));
            Bind(address, out diyalog_config_set_date_zone, nameof(diyalog_config_set_date_zone));
            Bind(address, out diyalog_config_set_max_idle_connections,
                nameof(diyalog_config_set_max_idle_connections));
            Bind(address, out diyalog_config_set_user_agent_suffix, nameof(diyalog_config_set_user_agent_suffix));
            Bind(address, out diyalog_config_load_env, nameof(diyalog_config_load_env));
            Bind(address, out diyalog_config_set_log_callback, nameof(diyalog_config_set_log_callback));

            Bind(address, out diyalog_client_new, nameof(diyalog_client_new));
            Bind(address, out diyalog_client_free, nameof(diyalog_client_free));
            Bind(address, out diyalog_client_is_customer_in_online_help,
                nameof(diyalog_client_is_customer_in_online_help));
            Bind(address, out diyalog_help_status_clear, nameof(diyalog_help_status_clear));

            Bind(address, out diyalog_error_code, nameof(diyalog_error_code));
            Bind(address, out diyalog_error_message, nameof(diyalog_error_message));
            Bind(address, out diyalog_error_http_status, nameof(diyalog_error_http_status));
            Bind(address, out diyalog_error_is_retryable, nameof(diyalog_error_is_retryable));
            Bind(address, out diyalog_error_free, nameof(diyalog_error_free));
        }

        private static void Bind<TFunction>(Func<string, IntPtr> address, out TFunction function, string name) =>
            function = Marshal.GetDelegateForFunctionPointer<TFunction>(address(name));
    }
}
