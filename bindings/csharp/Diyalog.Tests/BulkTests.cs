using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Lookups of many customers, on every target.</summary>
[TestFixture]
public class BulkTests
{
    internal static DiyalogClient Client(Sandbox sandbox, int maxInFlight)
    {
        DiyalogOptions options = sandbox.Options();
        options.MaxInFlight = maxInFlight;
        return new DiyalogClient(options);
    }

    [Test]
    public void Every_id_yields_its_own_result()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 8);
        string[] ids = Enumerable.Range(0, 200).Select(number => number % 2 == 0 ? "70022" : $"nobody-{number}").ToArray();
        HelpLookup[] lookups = client.AreCustomersInOnlineHelp(ids).ToArray();
        Assert.That(lookups.Select(lookup => lookup.CustomerId), Is.EquivalentTo(ids));
        foreach (HelpLookup lookup in lookups)
        {
            Assert.That(lookup.Error, Is.Null);
            Assert.That(lookup.Status!.CustomerFound, Is.EqualTo(lookup.CustomerId == "70022"));
        }
    }

    [Test]
    public void An_error_or_an_invalid_id_does_not_end_the_run()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 1);
        sandbox.QueueAnswer(500, "no");
        Dictionary<string, HelpLookup> lookups = client
            .AreCustomersInOnlineHelp(["70022", "", null!, "a\0b", "70023"])
            .GroupBy(lookup => lookup.CustomerId)
            .ToDictionary(group => group.Key, group => group.Last());
        Assert.That(lookups, Has.Count.EqualTo(4), "null is an empty string");
        Assert.That(((DiyalogException)lookups["70022"].Error!).Code, Is.EqualTo(DiyalogErrorCode.Server));
        Assert.That(lookups["70022"].Status, Is.Null);
        Assert.That(lookups[""].Error, Is.InstanceOf<ArgumentException>());
        Assert.That(((ArgumentException)lookups["a\0b"].Error!).ParamName, Is.EqualTo("customerId"));
        Assert.That(lookups["70023"].Status!.StaffId, Is.EqualTo("45002"));
    }

    [Test]
    public void Results_come_in_order_of_completion()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 2);
        sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":1000}");
        string[] order = client.AreCustomersInOnlineHelp(Slowly("70022", "70023")).Select(lookup => lookup.CustomerId).ToArray();
        Assert.That(order, Is.EqualTo(new[] { "70023", "70022" }));

        // The first lookup gets the delay: the second is read when the sandbox has the first.
        IEnumerable<string> Slowly(string first, string second)
        {
            yield return first;
            sandbox.AwaitRequests(1);
            yield return second;
        }
    }

    [Test]
    public void An_endless_source_is_read_only_as_far_as_lookups_are_in_flight()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 4);
        int read = 0;
        int taken = 0;
        foreach (HelpLookup lookup in client.AreCustomersInOnlineHelp(Endless()))
        {
            Assert.That(lookup.Status!.IsInHelp, Is.True);
            taken++;
            Assert.That(read - taken, Is.LessThanOrEqualTo(4));
            if (taken == 300)
            {
                break;
            }
        }
        Assert.That(taken, Is.EqualTo(300));

        IEnumerable<string> Endless()
        {
            while (true)
            {
                read++;
                yield return "70022";
            }
        }
    }

    [Test]
    public void Leaving_early_cancels_the_rest()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 4);
        // The others are sent while the first one waits.
        sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":500}");
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":3}");
        foreach (HelpLookup first in client.AreCustomersInOnlineHelp(["1", "2", "3", "4"]))
        {
            Assert.That(first.Status, Is.Not.Null);
            sandbox.AwaitRequests(4);
            break;
        }
        sandbox.AwaitNoConnectionsBut(1);
        Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True);
    }

    [Test]
    public void A_token_cancels_the_run()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = Client(sandbox, 4);
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":4}");
        using var source = new CancellationTokenSource();
        Task<int> running =
            Task.Run(() => client.AreCustomersInOnlineHelp(["1", "2", "3", "4"], null, source.Token).Count());
        sandbox.AwaitRequests(4);
        source.Cancel();
        OperationCanceledException error = Assert.CatchAsync<OperationCanceledException>(() => running)!;
        Assert.That(error.CancellationToken, Is.EqualTo(source.Token));
        sandbox.AwaitNoConnections();
    }

    [Test]
    public void Disposing_of_the_client_cancels_the_run()
    {
        using var sandbox = new Sandbox();
        DiyalogClient client = Client(sandbox, 4);
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":4}");
        Task<int> running = Task.Run(() => client.AreCustomersInOnlineHelp(["1", "2", "3", "4"]).Count());
        sandbox.AwaitRequests(4);
        client.Dispose();
        Assert.CatchAsync<OperationCanceledException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => client.AreCustomersInOnlineHelp(["1"]));
    }

    [Test]
    public void Arguments_are_validated_by_the_call_itself()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        Assert.That(
            Assert.Throws<ArgumentNullException>(() => client.AreCustomersInOnlineHelp(null!))!.ParamName,
            Is.EqualTo("customerIds"));
        var never = new DiyalogCallOptions { Timeout = TimeSpan.Zero };
        Assert.Throws<ArgumentOutOfRangeException>(() => client.AreCustomersInOnlineHelp(["1"], never));
    }

    [Test]
    public void A_missing_requester_ends_the_run()
    {
        using var sandbox = new Sandbox();
        DiyalogOptions options = sandbox.Options();
        options.RequesterUserId = null;
        using var client = new DiyalogClient(options);
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => client.AreCustomersInOnlineHelp(["1", "2"]).Count())!;
        Assert.That(error.ParamName, Is.EqualTo("RequesterUserId"));
    }
}
