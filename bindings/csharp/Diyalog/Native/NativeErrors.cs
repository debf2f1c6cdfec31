using System;
using System.Collections.Generic;

namespace Diyalog.Native;

/// <summary>Turns the library's errors into exceptions.</summary>
internal static unsafe class NativeErrors
{
    internal const int InvalidArgument = 1;
    internal const int InvalidConfig = 2;

    /// <summary>The library's name of an argument or setting, and the name it has here.</summary>
    private static readonly Dictionary<string, string> Names = new()
    {
        { "endpoint", nameof(DiyalogOptions.Endpoint) },
        { "access_key_id", nameof(DiyalogOptions.AccessKeyId) },
        { "access_key_secret", nameof(DiyalogOptions.AccessKeySecret) },
        { "requester_user_id", nameof(DiyalogOptions.RequesterUserId) },
        { "ca_file", nameof(DiyalogOptions.CaFile) },
        { "system_trust", nameof(DiyalogOptions.SystemTrust) },
        { "client_certificate_file", nameof(DiyalogOptions.ClientCertificateFile) },
        { "client_key_file", nameof(DiyalogOptions.ClientKeyFile) },
        { "proxy", nameof(DiyalogOptions.Proxy) },
        { "date_zone", nameof(DiyalogOptions.DateZone) },
        { "user_agent_suffix", nameof(DiyalogOptions.UserAgentSuffix) },
        { "max_level", nameof(DiyalogOptions.LogLevel) },
        { "customer_id", "customerId" },
    };

    /// <summary>Throws the exception for a failed call, and frees its error.</summary>
    internal static void Check(NativeMethods library, int code, nint error)
    {
        if (code != NativeMethods.Ok)
        {
            try
            {
                throw ToException(library, code, error);
            }
            finally
            {
                library.diyalog_error_free(error);
            }
        }
    }

    private static Exception ToException(NativeMethods library, int code, nint error)
    {
        string message = Utf8.ToText(library.diyalog_error_message(error)) ?? "";
        if (code is InvalidArgument or InvalidConfig)
        {
            return AboutArgument(message);
        }
        int httpStatus = library.diyalog_error_http_status(error);
        return new DiyalogException(
            (DiyalogErrorCode)code,
            message,
            httpStatus == 0 ? null : httpStatus,
            library.diyalog_error_is_retryable(error) != 0);
    }

    /// <summary>The library's message begins with the name of the argument or setting, if it is about one.</summary>
    private static ArgumentException AboutArgument(string message)
    {
        int end = message.IndexOfAny([' ', ',']);
        string first = end < 0 ? message : message.Substring(0, end);
        return Names.TryGetValue(first, out string? name)
            ? new ArgumentException(name + message.Substring(first.Length), name)
            : new ArgumentException(message, "options");
    }
}
