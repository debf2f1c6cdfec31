using System;
using System.Globalization;

namespace Diyalog;

/// <summary>Reads options from environment variables.</summary>
/// <remarks>Not with diyalog_config_load_env: the caller can read and change the values, and on Linux .NET does not pass
/// the variables that the program itself sets on to native code.</remarks>
internal static class EnvironmentOptions
{
    internal static DiyalogOptions Read()
    {
        var options = new DiyalogOptions
        {
            Endpoint = Variable("DIYALOG_ENDPOINT"),
            AccessKeyId = Variable("DIYALOG_ACCESS_KEY_ID"),
            AccessKeySecret = Variable("DIYALOG_ACCESS_KEY_SECRET"),
            RequesterUserId = Variable("DIYALOG_REQUESTER_USER_ID"),
            CaFile = Variable("DIYALOG_CA_FILE"),
            Proxy = Variable("DIYALOG_PROXY"),
        };
        if (Number("DIYALOG_TIMEOUT_MS", uint.MaxValue, nameof(DiyalogOptions.Timeout)) is uint milliseconds)
        {
            options.Timeout = TimeSpan.FromMilliseconds(milliseconds);
        }
        if (Number("DIYALOG_MAX_RETRIES", int.MaxValue, nameof(DiyalogOptions.MaxRetries)) is uint retries)
        {
            options.MaxRetries = (int)retries;
        }
        return options;
    }

    private static string? Variable(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static uint? Number(string variable, uint most, string property)
    {
        string? value = Variable(variable);
        if (value == null)
        {
            return null;
        }
        if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number > most)
        {
            throw new ArgumentException(
                $"the environment variable {variable} must be a whole number from 0 to {most}", property);
        }
        return number;
    }
}
