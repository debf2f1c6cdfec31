using System;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Diyalog.Extensions.DependencyInjection;

/// <summary>Reads the properties of <see cref="DiyalogOptions"/> from configuration.</summary>
/// <remarks>By hand: the reflection binder does not survive trimming, and the binding generator follows the delegates
/// among the properties into System.Reflection (SYSLIB1100).</remarks>
internal static class ConfigurationBinding
{
    /// <summary>Sets the properties that the configuration has; the others keep their values.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be converted. The message names its key.</exception>
    internal static void Apply(IConfiguration configuration, DiyalogOptions options)
    {
        Read(nameof(options.Endpoint), value => options.Endpoint = value);
        Read(nameof(options.AccessKeyId), value => options.AccessKeyId = value);
        Read(nameof(options.AccessKeySecret), value => options.AccessKeySecret = value);
        Read(nameof(options.AccessKeySecretBytes), value => options.AccessKeySecretBytes = Convert.FromBase64String(value));
        Read(nameof(options.RequesterUserId), value => options.RequesterUserId = value);
        Read(nameof(options.Timeout), value => options.Timeout = Time(value));
        Read(nameof(options.AttemptTimeout), value => options.AttemptTimeout = Time(value));
        Read(nameof(options.MaxRetries), value => options.MaxRetries = Number(value));
        Read(nameof(options.CaFile), value => options.CaFile = value);
        Read(nameof(options.SystemTrust), value => options.SystemTrust = bool.Parse(value));
        Read(nameof(options.ClientCertificateFile), value => options.ClientCertificateFile = value);
        Read(nameof(options.ClientKeyFile), value => options.ClientKeyFile = value);
        Read(nameof(options.Proxy), value => options.Proxy = value);
        Read(nameof(options.AllowPlainHttp), value => options.AllowPlainHttp = bool.Parse(value));
        Read(nameof(options.ClockCorrection), value => options.ClockCorrection = bool.Parse(value));
        Read(nameof(options.DateZone), value => options.DateZone = Enum.Parse<DateZone>(value, ignoreCase: true));
        Read(nameof(options.MaxInFlight), value => options.MaxInFlight = Number(value));
        Read(nameof(options.MaxIdleConnections), value => options.MaxIdleConnections = Number(value));
        Read(nameof(options.UserAgentSuffix), value => options.UserAgentSuffix = value);
        Read(nameof(options.LogLevel), value => options.LogLevel = Enum.Parse<DiyalogLogLevel>(value, ignoreCase: true));

        void Read(string key, Action<string> set)
        {
            if (configuration[key] is string value)
            {
                try
                {
                    set(value);
                }
                catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
                {
                    // Without the value: the key may be a secret's.
                    throw new InvalidOperationException($"the configuration's {Path(key)} is invalid: {Reason(error)}");
                }
            }
        }

        string Path(string key) => configuration is IConfigurationSection section ? $"{section.Path}:{key}" : key;
    }

    private static string Reason(Exception error) => error switch
    {
        OverflowException => "the number is too large",
        FormatException => "the format is wrong",
        _ => "there is no such value",
    };

    private static TimeSpan Time(string value) => TimeSpan.Parse(value, CultureInfo.InvariantCulture);

    private static int Number(string value) => int.Parse(value, CultureInfo.InvariantCulture);
}
