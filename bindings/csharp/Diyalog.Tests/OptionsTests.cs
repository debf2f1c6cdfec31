using System;
using System.Text;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Settings: what is missing or wrong is named, and each reaches the library.</summary>
[TestFixture]
public class OptionsTests
{
    private static DiyalogOptions Complete() => new DiyalogOptions
    {
        Endpoint = "https://api.bank.example",
        AccessKeyId = Sandbox.KeyId,
        AccessKeySecret = Sandbox.Secret,
        RequesterUserId = "45186",
    };

    private static void Refused(string property, string words, Action<DiyalogOptions> change)
    {
        DiyalogOptions options = Complete();
        change(options);
        try
        {
            new DiyalogClient(options).Dispose();
        }
        catch (ArgumentException error)
        {
            Assert.That(error.ParamName, Is.EqualTo(property), error.Message);
            Assert.That(error.Message.StartsWith(words, StringComparison.Ordinal), Is.True, error.Message);
            return;
        }
        Assert.Fail(property + " was accepted");
    }

    [Test]
    public void No_options_are_refused()
    {
        Assert.That(
            Expect.Throws<ArgumentNullException>(() => new DiyalogClient(null!)).ParamName, Is.EqualTo("options"));
    }

    [Test]
    public void Complete_options_are_taken() => new DiyalogClient(Complete()).Dispose();

    [Test]
    public void What_is_missing_is_named()
    {
        Refused("Endpoint", "Endpoint is not set", o => o.Endpoint = null);
        Refused("Endpoint", "Endpoint is not set", o => o.Endpoint = "");
        Refused("AccessKeyId", "AccessKeyId is not set", o => o.AccessKeyId = null);
        Refused("AccessKeyId", "AccessKeyId is not set", o => o.AccessKeyId = "");
        Refused("AccessKeySecret", "AccessKeySecret is not set", o => o.AccessKeySecret = null);
        Refused("AccessKeySecret", "AccessKeySecret is not set", o => o.AccessKeySecret = "");
        Refused("RequesterUserId", "RequesterUserId is empty", o => o.RequesterUserId = "");
        Refused("ClientKeyFile", "ClientKeyFile is not set", o => o.ClientCertificateFile = "a.pem");
        Refused("ClientCertificateFile", "ClientCertificateFile is not set", o => o.ClientKeyFile = "a.pem");
        Refused("SystemTrust", "SystemTrust is 0", o => o.SystemTrust = false);
        Refused("AccessKeySecret", "AccessKeySecret is not set", o =>
        {
            o.AccessKeySecret = null;
            o.AccessKeySecretBytes = [];
        });
    }

    [Test]
    public void What_makes_no_sense_is_named()
    {
        Refused("Endpoint", "Endpoint ", o => o.Endpoint = "api.bank.example");
        Refused("Endpoint", "Endpoint ", o => o.Endpoint = "https://api.bank.example/?x=1");
        Refused("Endpoint", "Endpoint is plain http", o => o.Endpoint = "http://192.0.2.1");
        Refused("AccessKeyId", "AccessKeyId must not", o => o.AccessKeyId = "a\nb");
        Refused("RequesterUserId", "RequesterUserId must not", o => o.RequesterUserId = "a\r\nb: c");
        Refused("Timeout", "Timeout must", o => o.Timeout = TimeSpan.Zero);
        Refused("Timeout", "Timeout must", o => o.Timeout = TimeSpan.FromSeconds(-1));
        Refused("Timeout", "Timeout must", o => o.Timeout = TimeSpan.MaxValue);
        Refused("MaxInFlight", "MaxInFlight must", o => o.MaxInFlight = 0);
        Refused("MaxInFlight", "MaxInFlight must", o => o.MaxInFlight = 1025);
        Refused("MaxRetries", "MaxRetries must", o => o.MaxRetries = -1);
        Refused("MaxIdleConnections", "MaxIdleConnections must", o => o.MaxIdleConnections = -1);
        Refused("CaFile", "CaFile /no/such.pem", o => o.CaFile = "/no/such.pem");
        Refused("Proxy", "Proxy ", o => o.Proxy = "socks5://proxy:1080");
        Refused("DateZone", "DateZone must", o => o.DateZone = (DateZone)7);
        Refused("UserAgentSuffix", "UserAgentSuffix must", o => o.UserAgentSuffix = "a\nb");
        Refused("LogLevel", "LogLevel must", o =>
        {
            o.Log = entry => { };
            o.LogLevel = (DiyalogLogLevel)7;
        });
        Refused("AccessKeySecretBytes", "AccessKeySecretBytes must not", o => o.AccessKeySecretBytes = new byte[1]);
    }

    [Test]
    public void Text_that_c_cannot_tell_is_named_and_not_shown()
    {
        const string Unfit = "unf1t\0";
        const string Half = "unf1t\ud83d";
        foreach (string text in new[] { Unfit, Half })
        {
            Refused("Endpoint", "Endpoint ", o => o.Endpoint = text);
            Refused("AccessKeyId", "AccessKeyId ", o => o.AccessKeyId = text);
            Refused("AccessKeySecret", "AccessKeySecret ", o => o.AccessKeySecret = text);
            Refused("RequesterUserId", "RequesterUserId ", o => o.RequesterUserId = text);
            Refused("CaFile", "CaFile ", o => o.CaFile = text);
            Refused("ClientCertificateFile", "ClientCertificateFile ", o => o.ClientCertificateFile = text);
            Refused("ClientKeyFile", "ClientKeyFile ", o => o.ClientKeyFile = text);
            Refused("Proxy", "Proxy ", o => o.Proxy = text);
            Refused("UserAgentSuffix", "UserAgentSuffix ", o => o.UserAgentSuffix = text);
        }
        DiyalogOptions options = Complete();
        options.AccessKeySecret = Half;
        ArgumentException error = Expect.Throws<ArgumentException>(() => new DiyalogClient(options));
        Assert.That(error.ToString().Contains("unf1t"), Is.False);
    }

    [Test]
    public void The_defaults_are_those_of_the_library()
    {
        var options = new DiyalogOptions();
        Assert.That(options.Timeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(options.MaxRetries, Is.EqualTo(2));
        Assert.That(options.SystemTrust, Is.True);
        Assert.That(options.AllowPlainHttp, Is.False);
        Assert.That(options.ClockCorrection, Is.True);
        Assert.That(options.DateZone, Is.EqualTo(DateZone.Gmt));
        Assert.That(options.AttemptTimeout, Is.Null);
        Assert.That(options.MaxInFlight, Is.EqualTo(128));
        Assert.That(options.Log, Is.Null);
    }

    [Test]
    public void MaxInFlight_raises_the_idle_limit_unless_that_is_set()
    {
        Assert.That(new DiyalogOptions().MaxIdleConnections, Is.EqualTo(128));
        Assert.That(new DiyalogOptions { MaxInFlight = 200 }.MaxIdleConnections, Is.EqualTo(200));
        Assert.That(new DiyalogOptions { MaxInFlight = 8 }.MaxIdleConnections, Is.EqualTo(64));
        Assert.That(new DiyalogOptions { MaxIdleConnections = 8 }.MaxIdleConnections, Is.EqualTo(8));
    }

    [Test]
    public void A_timeout_below_a_millisecond_is_one() =>
        Assert.That(DiyalogOptions.Milliseconds(TimeSpan.FromTicks(1), "Timeout"), Is.EqualTo(1));

    [Test]
    public void Settings_change_what_is_sent()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogOptions options = sandbox.Options();
            options.DateZone = DateZone.Numeric;
            options.UserAgentSuffix = "çağrı-merkezi/1.0";
            options.MaxIdleConnections = 0;
            options.RequesterUserId = "45190";
            using (var client = new DiyalogClient(options))
            {
                client.IsCustomerInOnlineHelp("70022");
                client.IsCustomerInOnlineHelp("70022");
            }
            string version = Diyalog.Native.NativeLibraryLoader.OwnVersion;
            Expect.Contains(
                sandbox.Requests(),
                " +0000\"]",
                "[\"user-agent\",\"diyalog/" + version + " çağrı-merkezi/1.0\"]",
                "[\"x-dlg-requester-userid\",\"45190\"]",
                "\"connection\":1",
                "\"connection\":2");
        }
    }

    [Test]
    public void The_client_keeps_a_copy_of_the_options()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogOptions options = sandbox.Options();
            using (var client = new DiyalogClient(options))
            {
                options.Endpoint = "https://elsewhere.invalid";
                options.AccessKeySecret = "other";
                Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
            }
        }
    }

    [Test]
    public void A_secret_of_text_beyond_ascii_counts_as_its_bytes()
    {
        using (var sandbox = new Sandbox("--access-key-secret gizli-ş"))
        {
            DiyalogOptions options = sandbox.Options();
            options.AccessKeySecret = "gizli-ş";
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
            }
            options.AccessKeySecret = null;
            options.AccessKeySecretBytes = Encoding.UTF8.GetBytes("gizli-ş");
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
                Assert.That(options.AccessKeySecretBytes[0], Is.EqualTo((byte)'g'), "the caller's bytes stay");
            }
        }
    }

    [Test]
    public void A_plain_endpoint_elsewhere_can_be_allowed()
    {
        DiyalogOptions options = Complete();
        options.Endpoint = "http://192.0.2.1";
        options.AllowPlainHttp = true;
        new DiyalogClient(options).Dispose();
    }

    private static TemporaryVariables Variables(
        string? endpoint = null, string? timeout = null, string? retries = null, string? caFile = null)
    {
        var variables = new TemporaryVariables();
        variables["DIYALOG_ENDPOINT"] = endpoint;
        variables["DIYALOG_ACCESS_KEY_ID"] = Sandbox.KeyId;
        variables["DIYALOG_ACCESS_KEY_SECRET"] = Sandbox.Secret;
        variables["DIYALOG_REQUESTER_USER_ID"] = "45189";
        variables["DIYALOG_TIMEOUT_MS"] = timeout;
        variables["DIYALOG_MAX_RETRIES"] = retries;
        variables["DIYALOG_CA_FILE"] = caFile;
        variables["DIYALOG_PROXY"] = null;
        return variables;
    }

    [Test]
    public void The_environment_has_what_a_client_needs()
    {
        using (var sandbox = new Sandbox())
        using (Variables(sandbox.Url, "1500", "0"))
        {
            DiyalogOptions options = DiyalogOptions.FromEnvironment();
            Assert.That(options.Timeout, Is.EqualTo(TimeSpan.FromMilliseconds(1500)));
            Assert.That(options.MaxRetries, Is.EqualTo(0));
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
            }
            Expect.Contains(sandbox.Requests(), "\"45189\"");
        }
    }

    [Test]
    public void Every_variable_reaches_its_property()
    {
        using (TemporaryVariables variables = Variables("https://env.example", "4294967295", "3", "ca.pem"))
        {
            variables["DIYALOG_PROXY"] = "http://proxy:3128";
            DiyalogOptions options = DiyalogOptions.FromEnvironment();
            Assert.That(options.Endpoint, Is.EqualTo("https://env.example"));
            Assert.That(options.AccessKeyId, Is.EqualTo(Sandbox.KeyId));
            Assert.That(options.AccessKeySecret, Is.EqualTo(Sandbox.Secret));
            Assert.That(options.RequesterUserId, Is.EqualTo("45189"));
            Assert.That(options.Timeout, Is.EqualTo(TimeSpan.FromMilliseconds(4294967295)));
            Assert.That(options.MaxRetries, Is.EqualTo(3));
            Assert.That(options.CaFile, Is.EqualTo("ca.pem"));
            Assert.That(options.Proxy, Is.EqualTo("http://proxy:3128"));
        }
    }

    [Test]
    public void Empty_variables_count_as_not_set()
    {
        using (Variables("", "", "", ""))
        {
            DiyalogOptions options = DiyalogOptions.FromEnvironment();
            Assert.That(options.Endpoint, Is.Null);
            Assert.That(options.CaFile, Is.Null);
            Assert.That(options.Timeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(options.MaxRetries, Is.EqualTo(2));
        }
    }

    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("2s")]
    [TestCase(" 2")]
    [TestCase("4294967296")]
    public void A_variable_that_is_no_number_is_named(string value)
    {
        using (Variables("https://env.example", value))
        {
            ArgumentException error =
                Expect.Throws<ArgumentException>(() => DiyalogOptions.FromEnvironment());
            Assert.That(error.ParamName, Is.EqualTo("Timeout"));
            Expect.Contains(error.Message, "DIYALOG_TIMEOUT_MS");
        }
        using (Variables("https://env.example", null, value))
        {
            Assert.That(
                Expect.Throws<ArgumentException>(() => DiyalogOptions.FromEnvironment()).ParamName,
                Is.EqualTo("MaxRetries"));
        }
    }
}
