using System;
using System.Globalization;
using System.Threading;

namespace Diyalog.Native;

/// <summary>Turns the library's errors into exceptions.</summary>
internal static unsafe class NativeErrors
{
    internal const int InvalidArgument = 1;
    internal const int InvalidConfig = 2;

    /// <summary>Throws the exception for a failed call, and frees its error.</summary>
    internal static void Check(
        NativeMethods library, int code, nint error, CancellationToken cancellationToken = default)
    {
        if (code == NativeMethods.Ok)
        {
            return;
        }
        try
        {
            throw ToException(library, code, error, cancellationToken);
        }
        finally
        {
            library.diyalog_error_free(error);
        }
    }

    /// <param name="library">The library that the error is of.</param>
    /// <param name="code">The code of the failed call.</param>
    /// <param name="error">The error, which is borrowed.</param>
    /// <param name="cancellationToken">The token of the call. If it is not cancelled, the client ended the call.</param>
    internal static Exception ToException(
        NativeMethods library, int code, nint error, CancellationToken cancellationToken)
    {
        string message = Utf8.ToText(library.diyalog_error_message(error)) ?? "";
        switch (code)
        {
            case InvalidArgument or InvalidConfig:
                return ToArgumentException(message, Utf8.ToText(library.diyalog_error_argument(error)));
            case (int)DiyalogErrorCode.Cancelled:
                return cancellationToken.IsCancellationRequested
                    ? new OperationCanceledException(message, cancellationToken)
                    : new OperationCanceledException(message);
        }
        int httpStatus = library.diyalog_error_http_status(error);
        uint retryAfterMs = library.diyalog_error_retry_after_ms(error);
        return new DiyalogException(
            (DiyalogErrorCode)code,
            message,
            httpStatus == 0 ? null : httpStatus,
            library.diyalog_error_is_retryable(error) != 0,
            retryAfterMs == 0 ? null : TimeSpan.FromMilliseconds(retryAfterMs));
    }

    private static ArgumentException ToArgumentException(string message, string? argument)
    {
        if (argument == null)
        {
            return new ArgumentException(message);
        }
        string name = ToDotNetName(argument);
        // Most messages begin with the name; the rest of them may.
        return new ArgumentException(
            message.StartsWith(argument, StringComparison.Ordinal) ? name + message.Substring(argument.Length) : message,
            name);
    }

    /// <summary>Converts the library's name of an argument or setting: <c>customer_id</c> is the parameter
    /// <c>customerId</c>, <c>timeout_ms</c> the property <c>Timeout</c>.</summary>
    internal static string ToDotNetName(string argument)
    {
        switch (argument)
        {
            case "customer_id":
                return "customerId";
            case "path" or "json" or "method" or "body":
                return argument;
            case "max_level" or "log_callback":
                return nameof(DiyalogOptions.LogLevel);
        }
        string name = "";
        foreach (string word in argument.Split('_'))
        {
            name += word.Length == 0 || word == "ms"
                ? ""
                : char.ToUpper(word[0], CultureInfo.InvariantCulture) + word.Substring(1);
        }
        return name;
    }
}
