using System;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Every code that a <see cref="DiyalogException"/> can have, but the library's own bugs.</summary>
[TestFixture]
public class ErrorTests
{
    [TestCase(400, "Required headers not found", DiyalogErrorCode.HeadersMissing, false)]
    [TestCase(400, "Authorization failed due to data format not valid", DiyalogErrorCode.AuthorizationFormat, false)]
    [TestCase(400, "Authorization failed due to date not valid", DiyalogErrorCode.DateFormat, false)]
    [TestCase(401, "Authorization failed", DiyalogErrorCode.Unauthorized, false)]
    [TestCase(403, "Forbidden by the firewall", DiyalogErrorCode.HttpStatus, false)]
    [TestCase(500, "Database için bağlantı yok", DiyalogErrorCode.Server, true)]
    [TestCase(503, "busy", DiyalogErrorCode.HttpStatus, true)]
    [TestCase(407, "Proxy Authentication Required", DiyalogErrorCode.Proxy, false)]
    public void A_status_has_its_code(int status, string body, DiyalogErrorCode code, bool retryable)
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            sandbox.QueueAnswer(status, body);
            DiyalogException error = Expect.Error(code, () => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(error.HttpStatus, Is.EqualTo(status));
            Assert.That(error.IsRetryable, Is.EqualTo(retryable));
            Expect.Contains(error.Message, "127.0.0.1", body);

            Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True, "the client stays usable");
        }
    }

    [Test]
    public void A_wrong_secret_is_unauthorized_and_not_shown()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogOptions options = sandbox.Options();
            options.AccessKeySecret = "wr0ng";
            using (var client = new DiyalogClient(options))
            {
                DiyalogException error = Expect.Error(
                    DiyalogErrorCode.Unauthorized, () => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.HttpStatus, Is.EqualTo(401));
                Assert.That(error.ToString().Contains("wr0ng"), Is.False);
            }
        }
    }

    [Test]
    public void A_wrong_clock_is_corrected_unless_switched_off()
    {
        using (var sandbox = new Sandbox("--clock-offset 7200"))
        using (DiyalogClient client = sandbox.Client())
        {
            Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);

            DiyalogOptions options = sandbox.Options();
            options.ClockCorrection = false;
            using (var fixedClock = new DiyalogClient(options))
            {
                DiyalogException error = Expect.Error(
                    DiyalogErrorCode.ClockSkew, () => fixedClock.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.HttpStatus, Is.EqualTo(403));
                Assert.That(error.IsRetryable, Is.False);
            }
        }
    }

    [Test]
    public void An_answer_that_is_not_the_documented_one_is_refused()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            sandbox.QueueFault("{\"kind\":\"garble\"}");
            DiyalogException error = Expect.Error(
                DiyalogErrorCode.InvalidResponse, () => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(error.HttpStatus, Is.EqualTo(200));
            Assert.That(error.IsRetryable, Is.False);
        }
    }

    [Test]
    public void A_silent_server_is_a_timeout()
    {
        using (var sandbox = new Sandbox())
        {
            sandbox.QueueFault("{\"kind\":\"silence\"}");
            DiyalogOptions options = sandbox.Options();
            options.Timeout = TimeSpan.FromMilliseconds(100);
            using (var client = new DiyalogClient(options))
            {
                DiyalogException error = Expect.Error(
                    DiyalogErrorCode.Timeout, () => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.HttpStatus, Is.Null);
                Assert.That(error.IsRetryable, Is.True);
            }
        }
    }

    [Test]
    public void A_connection_that_breaks_is_lost()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            sandbox.QueueFault("{\"kind\":\"close\",\"times\":9}");
            DiyalogException error = Expect.Error(
                DiyalogErrorCode.ConnectionLost, () => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(error.HttpStatus, Is.Null);
            Assert.That(error.IsRetryable, Is.True);
        }
    }

    [Test]
    public void What_passes_is_tried_again()
    {
        using (var sandbox = new Sandbox())
        {
            sandbox.QueueFault("{\"kind\":\"answer\",\"status\":503,\"body\":\"busy\",\"times\":2}");
            DiyalogOptions options = sandbox.Options();
            options.MaxRetries = 2;
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
                Assert.That(sandbox.RequestCount(), Is.EqualTo(3));
            }
        }
    }

    [Test]
    public void A_port_where_nobody_listens_refuses()
    {
        // Bound and never listened on: nobody else can take it meanwhile.
        using (var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            DiyalogOptions options = Complete("http://" + held.LocalEndPoint);
            using (var client = new DiyalogClient(options))
            {
                DiyalogException error = Expect.Error(
                    DiyalogErrorCode.Connect, () => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.IsRetryable, Is.True);
            }
        }
    }

    [Test]
    public void A_name_that_does_not_exist_is_not_resolved()
    {
        // .invalid never resolves (RFC 6761). Where no name server answers, the deadline may come first.
        DiyalogOptions options = Complete("https://diyalog.invalid");
        options.Timeout = TimeSpan.FromSeconds(2);
        using (var client = new DiyalogClient(options))
        {
            DiyalogException error =
                Expect.Throws<DiyalogException>(() => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(
                error.Code,
                Is.EqualTo(DiyalogErrorCode.Resolve).Or.EqualTo(DiyalogErrorCode.Timeout),
                error.Message);
            Assert.That(error.IsRetryable, Is.True);
        }
    }

    [Test]
    public void A_proxy_that_is_not_there_is_named()
    {
        using (var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            DiyalogOptions options = Complete("https://api.bank.example");
            options.Proxy = "http://user:passw0rd@" + held.LocalEndPoint;
            using (var client = new DiyalogClient(options))
            {
                DiyalogException error = Expect.Error(
                    DiyalogErrorCode.Proxy, () => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.Message.Contains("passw0rd"), Is.False);
            }
        }
    }

    private static DiyalogOptions Complete(string endpoint) => new DiyalogOptions
    {
        Endpoint = endpoint,
        AccessKeyId = Sandbox.KeyId,
        AccessKeySecret = Sandbox.Secret,
        RequesterUserId = "45186",
        MaxRetries = 0,
    };
}
