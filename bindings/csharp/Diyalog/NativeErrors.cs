using System;
using System.Collections.Generic;

namespace Diyalog
{
    /// <summary>Errors of the library as exceptions.</summary>
    internal static class NativeErrors
    {
        internal const int InvalidArgument = 1;
        internal const int InvalidConfig = 2;

        /// <summary>What the library calls an argument or setting, and what it is called here.</summary>
        private static readonly Dictionary<string, string> Names = new Dictionary<string, string>
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

        /// <summary>Frees the error of a call, and throws what it stands for unless the call succeeded.</summary>
        internal static void Check(int code, ErrorHandle error)
        {
            using (error)
            {
                if (code != NativeMethods.Ok)
                {
                    throw ToException(code, error);
                }
            }
        }

        private static Exception ToException(int code, ErrorHandle error)
        {
            NativeMethods library = NativeMethods.Library;
            string message = Utf8.ToText(library.diyalog_error_message(error));
            if (code == InvalidArgument || code == InvalidConfig)
            {
                return AboutArgument(message);
            }
            int httpStatus = library.diyalog_error_http_status(error);
            return new DiyalogException(
                (DiyalogErrorCode)code,
                httpStatus == 0 ? (int?)null : httpStatus,
                library.diyalog_error_is_retryable(error) != 0,
                message);
        }

        /// <summary>The library's message begins with the name of what cannot be used, wherever it is about
        /// one.</summary>
        private static ArgumentException AboutArgument(string message)
        {
            int end = message.IndexOfAny(new[] { ' ', ',' });
            string first = end < 0 ? message : message.Substring(0, end);
            return Names.TryGetValue(first, out string name)
                ? new ArgumentException(name + message.Substring(first.Length), name)
                : new ArgumentException(message, "options");
        }
    }
}
