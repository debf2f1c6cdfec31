using System;
using System.Globalization;

namespace Diyalog
{
    /// <summary>How the date header of a request names its zone.</summary>
    public enum DateZone
    {
        /// <summary>The header ends in GMT, as in the API's examples.</summary>
        Gmt = 0,

        /// <summary>The header ends in +0000, as in the API's description of its format.</summary>
        Numeric = 1,
    }

    /// <summary>The settings that a <see cref="DiyalogClient"/> is made with.</summary>
    /// <remarks>
    /// <para>Required are <see cref="Endpoint"/>, <see cref="AccessKeyId"/> and its secret, and
    /// <see cref="RequesterUserId"/> here or with each call. A setting that is missing or makes no sense is
    /// told when the client is made, by an <see cref="ArgumentException"/> that names the property.</para>
    /// <para>Not safe to use from several threads at the same time. A client takes a copy.</para>
    /// </remarks>
    public sealed class DiyalogOptions
    {
        /// <summary>The address of the API: <c>https://host</c>, with <c>:port</c> and a base path where there
        /// are any. Required.</summary>
        /// <remarks><c>http://</c> is taken for a loopback address, or with <see cref="AllowPlainHttp"/>.</remarks>
        public string Endpoint { get; set; }

        /// <summary>The id of the access key that the administrator issued. Required.</summary>
        public string AccessKeyId { get; set; }

        /// <summary>The secret of the access key; its UTF-8 bytes count. Required, unless
        /// <see cref="AccessKeySecretBytes"/> is set.</summary>
        public string AccessKeySecret { get; set; }

        /// <summary>The secret of the access key where it is bytes and no text. Not together with
        /// <see cref="AccessKeySecret"/>.</summary>
        public byte[] AccessKeySecretBytes { get; set; }

        /// <summary>The staff number of the person on whose behalf requests are made; the server writes it to
        /// its audit log. Required here or in the <see cref="DiyalogCallOptions"/> of each call.</summary>
        public string RequesterUserId { get; set; }

        /// <summary>The time that a call may take in all: DNS, connecting, TLS, request, answer and every
        /// retry. Default 10 seconds.</summary>
        /// <remarks>Counted in whole milliseconds, rounded up; at most 4294967295 of them.</remarks>
        public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

        /// <summary>How often a call is tried again after a failure that may pass. Default 2; 0 for
        /// never.</summary>
        public int MaxRetries { get; set; } = 2;

        /// <summary>A PEM file with one or more CA certificates to trust, beside the system's store. Default
        /// none.</summary>
        public string CaFile { get; set; }

        /// <summary>Whether the operating system's certificate store is trusted. Default true; false for
        /// <see cref="CaFile"/> alone.</summary>
        public bool SystemTrust { get; set; } = true;

        /// <summary>A PEM file with the client's certificate, and its chain after it, for servers that ask for
        /// one (mutual TLS). Goes with <see cref="ClientKeyFile"/>. Default none.</summary>
        public string ClientCertificateFile { get; set; }

        /// <summary>A PEM file with the private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not
        /// encrypted. Default none.</summary>
        public string ClientKeyFile { get; set; }

        /// <summary>The forward proxy: <c>http://host:port</c> or <c>http://user:password@host:port</c>, used
        /// by CONNECT. Default none, whatever the environment says.</summary>
        /// <remarks>The word <c>environment</c> asks for what the variables HTTPS_PROXY and NO_PROXY say (lower
        /// case too; for a plain http endpoint http_proxy, in lower case only). On Linux these are the
        /// variables that the process was started with.</remarks>
        public string Proxy { get; set; }

        /// <summary>Whether an <c>http://</c> endpoint elsewhere than on this machine is taken. Default false:
        /// requests and answers would cross the network unprotected.</summary>
        public bool AllowPlainHttp { get; set; }

        /// <summary>Whether the client learns the server's time when the server refuses this machine's. Default
        /// true.</summary>
        public bool ClockCorrection { get; set; } = true;

        /// <summary>How the date header names its zone. Default <see cref="Diyalog.DateZone.Gmt"/>.</summary>
        public DateZone DateZone { get; set; }

        /// <summary>How many idle connections are kept for the next calls. Default 8; 0 for none.</summary>
        public int MaxIdleConnections { get; set; } = 8;

        /// <summary>What follows <c>diyalog/&lt;version&gt;</c> in the User-Agent header: the name of your
        /// program. Default nothing.</summary>
        public string UserAgentSuffix { get; set; }

        /// <summary>Receives the client's log lines up to <see cref="LogLevel"/>. Default nobody.</summary>
        /// <remarks>It is called on the thread that makes the call, so perhaps on several at once, and the call
        /// waits for it. It must not use a client itself; an exception that it throws is dropped.</remarks>
        public Action<DiyalogLogEntry> Log { get; set; }

        /// <summary>The least important lines that <see cref="Log"/> receives. Default
        /// <see cref="DiyalogLogLevel.Info"/>.</summary>
        public DiyalogLogLevel LogLevel { get; set; } = DiyalogLogLevel.Info;

        /// <summary>Options with what the environment says: DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID,
        /// DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID, DIYALOG_TIMEOUT_MS, DIYALOG_MAX_RETRIES,
        /// DIYALOG_CA_FILE, DIYALOG_PROXY. Empty variables count as not set.</summary>
        /// <returns>Options that can be changed before a client is made with them.</returns>
        /// <exception cref="ArgumentException">A variable holds no number where one is needed; the message
        /// names it, <see cref="ArgumentException.ParamName"/> the property.</exception>
        public static DiyalogOptions FromEnvironment()
        {
            // Read here, not by diyalog_config_load_env: the caller is to see and change the values, and on
            // Linux .NET keeps what the program itself sets from native code.
            var options = new DiyalogOptions
            {
                Endpoint = Variable("DIYALOG_ENDPOINT"),
                AccessKeyId = Variable("DIYALOG_ACCESS_KEY_ID"),
                AccessKeySecret = Variable("DIYALOG_ACCESS_KEY_SECRET"),
                RequesterUserId = Variable("DIYALOG_REQUESTER_USER_ID"),
                CaFile = Variable("DIYALOG_CA_FILE"),
                Proxy = Variable("DIYALOG_PROXY"),
            };
            if (ReadNumber("DIYALOG_TIMEOUT_MS", uint.MaxValue, nameof(Timeout), out uint milliseconds))
            {
                options.Timeout = TimeSpan.FromMilliseconds(milliseconds);
            }
            if (ReadNumber("DIYALOG_MAX_RETRIES", int.MaxValue, nameof(MaxRetries), out uint retries))
            {
                options.MaxRetries = (int)retries;
            }
            return options;
        }

        private static string Variable(string name)
        {
            string value = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(value) ? null : value;
        }

        private static bool ReadNumber(string variable, uint most, string property, out uint number)
        {
            number = 0;
            string value = Variable(variable);
            if (value == null)
            {
                return false;
            }
            if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > most)
            {
                throw new ArgumentException(
                    $"the environment variable {variable} must be a whole number from 0 to {most}", property);
            }
            return true;
        }

        /// <summary>A native copy of everything but the log.</summary>
        internal ConfigHandle ToNative(NativeMethods library)
        {
            ConfigHandle config = library.diyalog_config_new();
            try
            {
                SetText(library.diyalog_config_set_endpoint, config,
                    Required(Endpoint, nameof(Endpoint)), nameof(Endpoint));
                SetCredentials(library, config);
                SetText(library.diyalog_config_set_requester_user_id, config,
                    RequesterUserId, nameof(RequesterUserId));
                SetNumber(library.diyalog_config_set_timeout_ms, config, Milliseconds(Timeout, nameof(Timeout)));
                SetNumber(library.diyalog_config_set_max_retries, config, Count(MaxRetries, nameof(MaxRetries)));
                SetText(library.diyalog_config_set_ca_file, config, CaFile, nameof(CaFile));
                SetFlag(library.diyalog_config_set_system_trust, config, SystemTrust);
                SetText(library.diyalog_config_set_client_certificate_file, config,
                    ClientCertificateFile, nameof(ClientCertificateFile));
                SetText(library.diyalog_config_set_client_key_file, config, ClientKeyFile, nameof(ClientKeyFile));
                SetText(library.diyalog_config_set_proxy, config, Proxy, nameof(Proxy));
                SetFlag(library.diyalog_config_set_allow_plain_http, config, AllowPlainHttp);
                SetFlag(library.diyalog_config_set_clock_correction, config, ClockCorrection);
                NativeErrors.Check(
                    library.diyalog_config_set_date_zone(config, (int)DateZone, out ErrorHandle error), error);
                SetNumber(library.diyalog_config_set_max_idle_connections, config,
                    Count(MaxIdleConnections, nameof(MaxIdleConnections)));
                SetText(library.diyalog_config_set_user_agent_suffix, config,
                    UserAgentSuffix, nameof(UserAgentSuffix));
                return config;
            }
            catch
            {
                config.Dispose();
                throw;
            }
        }

        /// <summary>A time as the library counts it.</summary>
        internal static uint Milliseconds(TimeSpan time, string name)
        {
            double milliseconds = Math.Ceiling(time.TotalMilliseconds);
            if (milliseconds < 1 || milliseconds > uint.MaxValue)
            {
                throw new ArgumentOutOfRangeException(
                    name, time, name + " must lie between 1 and 4294967295 milliseconds");
            }
            return (uint)milliseconds;
        }

        private void SetCredentials(NativeMethods library, ConfigHandle config)
        {
            byte[] id = Utf8.FromText(Required(AccessKeyId, nameof(AccessKeyId)), nameof(AccessKeyId));
            if (AccessKeySecretBytes == null)
            {
                byte[] secret =
                    Utf8.FromText(Required(AccessKeySecret, nameof(AccessKeySecret)), nameof(AccessKeySecret));
                try
                {
                    NativeErrors.Check(
                        library.diyalog_config_set_credentials(config, id, secret, out ErrorHandle error), error);
                }
                finally
                {
                    Array.Clear(secret, 0, secret.Length);
                }
            }
            else if (AccessKeySecret == null)
            {
                NativeErrors.Check(
                    library.diyalog_config_set_credentials_bytes(
                        config,
                        id,
                        AccessKeySecretBytes,
                        (UIntPtr)AccessKeySecretBytes.Length,
                        out ErrorHandle error),
                    error);
            }
            else
            {
                throw new ArgumentException(
                    "AccessKeySecretBytes must not be set together with AccessKeySecret",
                    nameof(AccessKeySecretBytes));
            }
        }

        private static string Required(string value, string property) =>
            !string.IsNullOrEmpty(value)
                ? value
                : throw new ArgumentException(property + " is not set", property);

        private static void SetText(NativeMethods.SetText set, ConfigHandle config, string text, string property)
        {
            if (text != null)
            {
                NativeErrors.Check(set(config, Utf8.FromText(text, property), out ErrorHandle error), error);
            }
        }

        private static void SetNumber(NativeMethods.SetNumber set, ConfigHandle config, uint number) =>
            NativeErrors.Check(set(config, number, out ErrorHandle error), error);

        private static void SetFlag(NativeMethods.SetChoice set, ConfigHandle config, bool flag) =>
            NativeErrors.Check(set(config, flag ? 1 : 0, out ErrorHandle error), error);

        private static uint Count(int count, string property) =>
            count >= 0
                ? (uint)count
                : throw new ArgumentOutOfRangeException(property, count, property + " must not be negative");
    }
}
