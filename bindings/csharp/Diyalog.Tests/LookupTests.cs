using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Every documented answer, and what a call can ask.</summary>
[TestFixture]
public class LookupTests
{
    [Test]
    public void A_customer_who_called_is_in_help()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            HelpStatus status = client.IsCustomerInOnlineHelp("70022");
            Assert.That(status.IsInHelp, Is.True);
            Assert.That(status.HelpType, Is.EqualTo(HelpType.Inbound));
            Assert.That(status.HelpTypeText, Is.EqualTo("inbound"));
            Assert.That(status.StaffId, Is.EqualTo("45001"));
            Assert.That(status.ErrorCode, Is.Null);
            Assert.That(status.CustomerFound, Is.True);
        }
    }

    [Test]
    public void A_customer_who_was_called_is_in_help()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            HelpStatus status = client.IsCustomerInOnlineHelp("70023");
            Assert.That(status.IsInHelp, Is.True);
            Assert.That(status.HelpType, Is.EqualTo(HelpType.Outbound));
            Assert.That(status.HelpTypeText, Is.EqualTo("outbound"));
            Assert.That(status.StaffId, Is.EqualTo("45002"));
        }
    }

    [Test]
    public void A_known_customer_without_a_session_is_not_in_help()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            HelpStatus status = client.IsCustomerInOnlineHelp("70024");
            Assert.That(status.IsInHelp, Is.False);
            Assert.That(status.HelpType, Is.EqualTo(HelpType.None));
            Assert.That(status.HelpTypeText, Is.Null);
            Assert.That(status.StaffId, Is.Null);
            Assert.That(status.ErrorCode, Is.Null);
            Assert.That(status.CustomerFound, Is.True);
        }
    }

    [Test]
    public void No_such_customer_is_an_answer()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            HelpStatus status = client.IsCustomerInOnlineHelp("nobody");
            Assert.That(status.IsInHelp, Is.False);
            Assert.That(status.ErrorCode, Is.EqualTo(400));
            Assert.That(status.CustomerFound, Is.False);
        }
    }

    [Test]
    public void What_the_documentation_does_not_list_is_passed_on()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            sandbox.QueueAnswer(200, "{\"isInHelp\":true,\"helpType\":\"vidéo\",\"staffId\":\"45001\",\"x\":[1]}");
            HelpStatus odd = client.IsCustomerInOnlineHelp("70022");
            Assert.That(odd.HelpType, Is.EqualTo(HelpType.Other));
            Assert.That(odd.HelpTypeText, Is.EqualTo("vidéo"));

            sandbox.QueueAnswer(200, "{\"errorCode\":-7}");
            HelpStatus code = client.IsCustomerInOnlineHelp("70022");
            Assert.That(code.IsInHelp, Is.False);
            Assert.That(code.ErrorCode, Is.EqualTo(-7));
            Assert.That(code.CustomerFound, Is.True);
        }
    }

    [Test]
    public void Text_beyond_ascii_arrives_both_ways()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Assert.That(client.IsCustomerInOnlineHelp("müşteri-70025").StaffId, Is.EqualTo("temsilci-şule"));

            // Beyond the Basic Multilingual Plane: two chars here, four bytes there.
            sandbox.StartSession("{\"customerId\":\"客户-😀\",\"helpType\":\"inbound\",\"staffId\":\"坐席-🎧\"}");
            Assert.That(client.IsCustomerInOnlineHelp("客户-😀").StaffId, Is.EqualTo("坐席-🎧"));

            var forAnother = new DiyalogCallOptions { RequesterUserId = "temsilci-ğüş" };
            client.IsCustomerInOnlineHelp("70022", forAnother);
            Expect.Contains(sandbox.Requests(), "[\"x-dlg-requester-userid\",\"temsilci-ğüş\"]");
        }
    }

    [Test]
    public void A_call_can_name_its_own_requester_and_timeout()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            client.IsCustomerInOnlineHelp("70022", new DiyalogCallOptions { RequesterUserId = "45187" });
            client.IsCustomerInOnlineHelp("70022", new DiyalogCallOptions());
            client.IsCustomerInOnlineHelp("70022", null);
            string requests = sandbox.Requests();
            Expect.Contains(requests, "[\"x-dlg-requester-userid\",\"45187\"]");
            Assert.That(requests.Split(new[] { "\"45186\"]" }, StringSplitOptions.None).Length - 1, Is.EqualTo(2));

            sandbox.QueueFault("{\"kind\":\"silence\"}");
            var shortly = new DiyalogCallOptions { Timeout = TimeSpan.FromMilliseconds(50) };
            Expect.Error(DiyalogErrorCode.Timeout, () => client.IsCustomerInOnlineHelp("70022", shortly));
        }
    }

    [Test]
    public void Arguments_that_cannot_be_sent_are_named()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Assert.That(
                Expect.Throws<ArgumentNullException>(() => client.IsCustomerInOnlineHelp(null!)).ParamName,
                Is.EqualTo("customerId"));
            foreach (string unfit in new[] { "", "a\0b", "half a pair: \ud83d", "\udc00" })
            {
                Assert.That(
                    Expect.Throws<ArgumentException>(() => client.IsCustomerInOnlineHelp(unfit)).ParamName,
                    Is.EqualTo("customerId"));
            }
            foreach (string unfit in new[] { "", "a\r\nb", "a\0b", " 1", "\ud83d" })
            {
                var options = new DiyalogCallOptions { RequesterUserId = unfit };
                Assert.That(
                    Expect.Throws<ArgumentException>(() => client.IsCustomerInOnlineHelp("1", options)).ParamName,
                    Is.EqualTo("RequesterUserId"));
            }
            foreach (double unfit in new[] { 0, -1, 4294967296.0 })
            {
                var options = new DiyalogCallOptions { Timeout = TimeSpan.FromMilliseconds(unfit) };
                ArgumentException error = Expect.Throws<ArgumentOutOfRangeException>(
                    () => client.IsCustomerInOnlineHelp("1", options));
                Assert.That(error.ParamName, Is.EqualTo("Timeout"));
            }
            Assert.That(sandbox.RequestCount(), Is.EqualTo(0));
        }
    }

    [Test]
    public void A_requester_is_needed_somewhere()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogOptions options = sandbox.Options();
            options.RequesterUserId = null;
            using (var client = new DiyalogClient(options))
            {
                ArgumentException error =
                    Expect.Throws<ArgumentException>(() => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(error.ParamName, Is.EqualTo("RequesterUserId"));

                var forCall = new DiyalogCallOptions { RequesterUserId = "45187" };
                Assert.That(client.IsCustomerInOnlineHelp("70022", forCall).IsInHelp, Is.True);
            }
        }
    }

    [Test]
    public void Sixteen_threads_share_a_client()
    {
        const int Calls = 50;
        var failures = new ConcurrentQueue<string>();
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Thread[] threads = Enumerable.Range(0, 16).Select(number => new Thread(() =>
            {
                string customer = number % 2 == 0 ? "70022" : "müşteri-70025";
                string staff = number % 2 == 0 ? "45001" : "temsilci-şule";
                try
                {
                    for (int call = 0; call < Calls; call++)
                    {
                        string? answered = client.IsCustomerInOnlineHelp(customer).StaffId;
                        if (answered != staff)
                        {
                            failures.Enqueue(answered + " instead of " + staff);
                        }
                    }
                }
                catch (Exception error)
                {
                    failures.Enqueue(error.ToString());
                }
            })).ToArray();
            foreach (Thread thread in threads)
            {
                thread.Start();
            }
            foreach (Thread thread in threads)
            {
                thread.Join();
            }
            Assert.That(failures, Is.Empty);
            Assert.That(sandbox.RequestCount(), Is.EqualTo(16 * Calls));
        }
    }
}
