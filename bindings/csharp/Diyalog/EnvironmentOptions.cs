using System;
using System.Globalization;
using Diyalog.Native;

namespace Diyalog;

/// <summary>Reads options from environment variables, whose names the native library defines.</summary>
/// <remarks>Not with diyalog_config_load_env: the caller can read and change the values, and on Linux .NET does not pass
/// the variables that the program itself sets on to native code.</remarks>
internal static class EnvironmentOptions
{
    internal static DiyalogOptions Read()
    {
        var options = new DiyalogOptions
        {
            Endpoint = Text("endpoint"),
            AccessKeyId = Text("access_key_id"),
            AccessKeySecret = Text("access_key_secret"),
            RequesterUserId = Text("requester_user_id"),
            CaFile = Text("ca_file"),
            Proxy = Text("proxy"),
        };
        if (Number("timeout_ms", uint.MaxValue) is uint timeout)
        {
            options.Timeout = TimeSpan.FromMilliseconds(timeout);
        }
        // As in the library, 0 is none.
        if (Number("attempt_timeout_ms", uint.MaxValue) is uint attemptTimeout and not 0)
        {
            options.AttemptTimeout = TimeSpan.FromMilliseconds(attemptTimeout);
        }
        if (Number("max_retries", int.MaxValue) is uint retries)
        {
            options.MaxRetries = (int)retries;
        }
        return options;
    }

    private static unsafe string Variable(string setting)
    {
        fixed (byte* bytes = Utf8.FromText(setting, nameof(setting)))
        {
            return Utf8.ToText(NativeMethods.Library.diyalog_config_variable(bytes))!;
        }
    }

    private static string? Text(string setting)
    {
        string? value = Environment.GetEnvironmentVariable(Variable(setting));
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static uint? Number(string setting, uint most)
    {
        string? value = Text(setting);
        if (value == null)
        {
            return null;
        }
        if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number > most)
        {
            throw new ArgumentException(
                $"the environment variable {Variable(setting)} must be a whole number from 0 to {most}",
                NativeErrors.ToDotNetName(setting));
        }
        return number;
    }
}
