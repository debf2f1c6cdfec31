using System;
using Diyalog.Native;

namespace Diyalog;

/// <summary>Settings for a <see cref="DiyalogClient"/>.</summary>
/// <remarks>
/// <para><see cref="Endpoint"/>, <see cref="AccessKeyId"/> and its secret are required, and
/// <see cref="RequesterUserId"/> is required here or in each call. Missing and invalid settings are reported by the
/// constructor of <see cref="DiyalogClient"/>, with an <see cref="ArgumentException"/> that names the property.</para>
/// <para>Not thread-safe; use from one thread at a time. A client copies the settings.</para>
/// </remarks>
public sealed class DiyalogOptions
{
    private const int DefaultIdleConnections = 64;

    private int? maxIdleConnections;

    /// <summary>Address of the API: <c>https://host</c>, optionally with <c>:port</c> and a base path.
    /// Required.</summary>
    /// <remarks>Plain <c>http://</c> is accepted for loopback addresses only, unless <see cref="AllowPlainHttp"/> is
    /// true.</remarks>
    public string? Endpoint { get; set; }

    /// <summary>Id of the access key that the administrator issued. Required.</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>Secret of the access key, used as its UTF-8 bytes. Required, unless <see cref="AccessKeySecretBytes"/>
    /// is set.</summary>
    public string? AccessKeySecret { get; set; }

    /// <summary>Secret of the access key if it is bytes and not text. Cannot be combined with
    /// <see cref="AccessKeySecret"/>.</summary>
#pragma warning disable CA1819 // A secret is handed over whole; a collection would be copied and never wiped.
    public byte[]? AccessKeySecretBytes { get; set; }
#pragma warning restore CA1819

    /// <summary>Staff number sent as the requester, which the server writes to its audit log. Required here or in the
    /// <see cref="DiyalogCallOptions"/> of each call.</summary>
    public string? RequesterUserId { get; set; }

    /// <summary>Time budget for a whole call: DNS, connecting, TLS, request, response and every retry. Default 10
    /// seconds.</summary>
    /// <remarks>Counted in whole milliseconds, rounded up; at most 4294967295 of them.</remarks>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time budget for one attempt inside <see cref="Timeout"/>, so that a retry can help if a server or a
    /// firewall stays silent. Default null: an attempt may use the whole budget.</summary>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>Maximum number of retries after a transient failure. Default 2; 0 disables them.</summary>
    public int MaxRetries { get; set; } = 2;

    /// <summary>PEM file with one or more CA certificates to trust in addition to the system's store. Default
    /// none.</summary>
    public string? CaFile { get; set; }

    /// <summary>Whether the operating system's certificate store is trusted. Default true; false trusts
    /// <see cref="CaFile"/> alone.</summary>
    public bool SystemTrust { get; set; } = true;

    /// <summary>PEM file with the client's certificate and its chain, for servers that require one (mutual TLS).
    /// Requires <see cref="ClientKeyFile"/>. Default none.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file with the private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not encrypted.
    /// Default none.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>Forward proxy: <c>http://host:port</c> or <c>http://user:password@host:port</c>, used with CONNECT.
    /// Default none, regardless of the environment.</summary>
    /// <remarks>The word <c>environment</c> uses the variables HTTPS_PROXY and NO_PROXY (also in lower case; for a plain
    /// http endpoint http_proxy, in lower case only). On Linux these are the variables that the process was started
    /// with.</remarks>
    public string? Proxy { get; set; }

    /// <summary>Whether to accept an <c>http://</c> endpoint on another machine. Default false: requests and responses
    /// would cross the network unprotected.</summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>Whether to correct for clock skew when the server rejects a request's date. Default true.</summary>
    public bool ClockCorrection { get; set; } = true;

    /// <summary>How the date header names its time zone. Default <see cref="Diyalog.DateZone.Gmt"/>.</summary>
    public DateZone DateZone { get; set; }

    /// <summary>Maximum number of asynchronous and bulk calls that the client has in flight, 1 to 1024; more wait for
    /// their turn. Default 128.</summary>
    public int MaxInFlight { get; set; } = 128;

    /// <summary>Maximum number of idle connections in the pool. Default 64, or <see cref="MaxInFlight"/> if that is
    /// larger; 0 disables reuse.</summary>
    public int MaxIdleConnections
    {
        get => maxIdleConnections ?? Math.Max(DefaultIdleConnections, MaxInFlight);
        set => maxIdleConnections = value;
    }

    /// <summary>Text after <c>diyalog/&lt;version&gt;</c> in the User-Agent header: the name of your program. Default
    /// none.</summary>
    public string? UserAgentSuffix { get; set; }

    /// <summary>Receives the client's log lines up to <see cref="LogLevel"/>. Default none.</summary>
    /// <remarks>Called on the thread that makes the call, and on native threads for asynchronous and bulk calls, so
    /// possibly on several threads at once; the call waits for it. It must not use a client. An exception that it throws is dropped.</remarks>
    public Action<DiyalogLogEntry>? Log { get; set; }

    /// <summary>The least severe lines that <see cref="Log"/> receives. Default
    /// <see cref="DiyalogLogLevel.Info"/>.</summary>
    public DiyalogLogLevel LogLevel { get; set; } = DiyalogLogLevel.Info;

    /// <summary>Returns whether lines of a level are wanted right now. Replaces <see cref="LogLevel"/>: the client asks at
    /// the start of each call, so a level that changes at run time takes effect, and lines that nobody wants cost nothing.
    /// Default none.</summary>
    public Func<DiyalogLogLevel, bool>? LogFilter { get; set; }

    /// <summary>Reads options from the environment: DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET,
    /// DIYALOG_REQUESTER_USER_ID, DIYALOG_TIMEOUT_MS, DIYALOG_ATTEMPT_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE,
    /// DIYALOG_PROXY. Empty variables count as not set.</summary>
    /// <returns>Options that can be changed before a client is created with them.</returns>
    /// <exception cref="ArgumentException">A variable is not a number in the accepted range. The message names the
    /// variable, <see cref="ArgumentException.ParamName"/> the property.</exception>
    /// <exception cref="DllNotFoundException">The native library was not found or cannot be used in this
    /// process.</exception>
    public static DiyalogOptions FromEnvironment() => EnvironmentOptions.Read();

    /// <summary>Copies everything but the log to a native config.</summary>
    internal unsafe NativeConfig ToNative(NativeMethods library)
    {
        var config = new NativeConfig(library);
        try
        {
            config.SetText(
                library.diyalog_config_set_endpoint, Required(Endpoint, nameof(Endpoint)), nameof(Endpoint));
            SetCredentials(config);
            config.SetText(
                library.diyalog_config_set_requester_user_id, RequesterUserId, nameof(RequesterUserId));
            config.SetNumber(library.diyalog_config_set_timeout_ms, Milliseconds(Timeout, nameof(Timeout)));
            if (AttemptTimeout is TimeSpan attemptTimeout)
            {
                config.SetNumber(
                    library.diyalog_config_set_attempt_timeout_ms,
                    Milliseconds(attemptTimeout, nameof(AttemptTimeout)));
            }
            config.SetNumber(library.diyalog_config_set_max_retries, Count(MaxRetries, nameof(MaxRetries)));
            config.SetText(library.diyalog_config_set_ca_file, CaFile, nameof(CaFile));
            config.SetFlag(library.diyalog_config_set_system_trust, SystemTrust);
            config.SetText(
                library.diyalog_config_set_client_certificate_file,
                ClientCertificateFile,
                nameof(ClientCertificateFile));
            config.SetText(library.diyalog_config_set_client_key_file, ClientKeyFile, nameof(ClientKeyFile));
            config.SetText(library.diyalog_config_set_proxy, Proxy, nameof(Proxy));
            config.SetFlag(library.diyalog_config_set_allow_plain_http, AllowPlainHttp);
            config.SetFlag(library.diyalog_config_set_clock_correction, ClockCorrection);
            config.SetConstant(library.diyalog_config_set_date_zone, (int)DateZone);
            config.SetNumber(
                library.diyalog_config_set_max_idle_connections,
                Count(MaxIdleConnections, nameof(MaxIdleConnections)));
            config.SetText(
                library.diyalog_config_set_user_agent_suffix, UserAgentSuffix, nameof(UserAgentSuffix));
            return config;
        }
        catch
        {
            config.Dispose();
            throw;
        }
    }

    internal int ValidMaxInFlight() =>
        MaxInFlight is >= 1 and <= 1024
            ? MaxInFlight
            : throw new ArgumentOutOfRangeException(
                nameof(MaxInFlight), MaxInFlight, $"{nameof(MaxInFlight)} must be between 1 and 1024");

    /// <summary>Converts a time to the library's unit.</summary>
    internal static uint Milliseconds(TimeSpan time, string name)
    {
        double milliseconds = Math.Ceiling(time.TotalMilliseconds);
        if (milliseconds is < 1 or > uint.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                name, time, $"{name} must be between 1 and 4294967295 milliseconds");
        }
        return (uint)milliseconds;
    }

    private void SetCredentials(NativeConfig config)
    {
        string id = Required(AccessKeyId, nameof(AccessKeyId));
        if (AccessKeySecretBytes == null)
        {
            config.SetCredentials(id, Required(AccessKeySecret, nameof(AccessKeySecret)));
        }
        else if (AccessKeySecret == null)
        {
            config.SetCredentials(id, AccessKeySecretBytes);
        }
        else
        {
            throw new ArgumentException(
                $"{nameof(AccessKeySecretBytes)} must not be set together with {nameof(AccessKeySecret)}; set one of them",
                nameof(AccessKeySecretBytes));
        }
    }

    private static string Required(string? value, string property) =>
        !string.IsNullOrEmpty(value) ? value! : throw new ArgumentException($"{property} is not set", property);

    private static uint Count(int count, string property) =>
        count >= 0
            ? (uint)count
            : throw new ArgumentOutOfRangeException(property, count, $"{property} must not be negative");
}
