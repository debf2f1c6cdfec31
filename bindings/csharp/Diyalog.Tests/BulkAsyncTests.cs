#if NET
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Asynchronous lookups of many customers.</summary>
[TestFixture]
public class BulkAsyncTests
{
    [Test]
    public async Task Every_id_yields_its_own_result()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 8);
        string[] ids = Enumerable.Range(0, 200).Select(number => number % 2 == 0 ? "70022" : "").ToArray();
        var lookups = new List<HelpLookup>();
        await foreach (HelpLookup lookup in client.AreCustomersInOnlineHelpAsync(ids))
        {
            lookups.Add(lookup);
        }
        Assert.That(lookups.Select(lookup => lookup.CustomerId), Is.EquivalentTo(ids));
        Assert.That(lookups.Count(lookup => lookup.Status?.StaffId == "45001"), Is.EqualTo(100));
        Assert.That(lookups.Count(lookup => lookup.Error is ArgumentException), Is.EqualTo(100));
    }

    [Test]
    public async Task Results_arrive_while_the_source_waits()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 8);
        var source = Channel.CreateUnbounded<string>();
        source.Writer.TryWrite("70022");
        var taken = new List<string?>();
        await foreach (HelpLookup lookup in client.AreCustomersInOnlineHelpAsync(source.Reader.ReadAllAsync()))
        {
            taken.Add(lookup.Status?.StaffId);
            if (taken.Count == 1)
            {
                source.Writer.TryWrite("70023");
                source.Writer.Complete();
            }
        }
        Assert.That(taken, Is.EqualTo(new[] { "45001", "45002" }));
    }

    [Test]
    public async Task An_endless_source_is_read_only_as_far_as_lookups_are_in_flight()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 4);
        int read = 0;
        int taken = 0;
        await foreach (HelpLookup _ in client.AreCustomersInOnlineHelpAsync(Endless()))
        {
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
    public async Task Leaving_early_cancels_the_rest_and_ends_the_source()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 4);
        sandbox.QueueAnswer(200, "{\"isInHelp\":false}");
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":2}");
        bool ended = false;
        await foreach (HelpLookup _ in client.AreCustomersInOnlineHelpAsync(ThreeThenNothing()))
        {
            break;
        }
        Assert.That(ended, Is.True);
        sandbox.AwaitNoConnectionsBut(1);

        async IAsyncEnumerable<string> ThreeThenNothing([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return "1";
                yield return "2";
                yield return "3";
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Test]
    public void Either_token_cancels_the_run([Values] bool withCancellation)
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 4);
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":4}");
        using var source = new CancellationTokenSource();
        Task running = Task.Run(async () =>
        {
            string[] ids = ["1", "2", "3", "4"];
            IAsyncEnumerable<HelpLookup> run = withCancellation
                ? client.AreCustomersInOnlineHelpAsync(ids)
                : client.AreCustomersInOnlineHelpAsync(ids, null, source.Token);
            await foreach (HelpLookup _ in run.WithCancellation(withCancellation ? source.Token : default))
            {
            }
        });
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
        DiyalogClient client = BulkTests.Client(sandbox, 4);
        sandbox.QueueFault("{\"kind\":\"silence\",\"times\":4}");
        Task running = Task.Run(async () =>
        {
            await foreach (HelpLookup _ in client.AreCustomersInOnlineHelpAsync(["1", "2", "3", "4"]))
            {
            }
        });
        sandbox.AwaitRequests(4);
        client.Dispose();
        Assert.CatchAsync<OperationCanceledException>(() => running);
    }

    [Test]
    public void An_exception_of_the_source_ends_the_run()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = BulkTests.Client(sandbox, 4);
        Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
        {
            await foreach (HelpLookup _ in client.AreCustomersInOnlineHelpAsync(Broken()))
            {
            }
        });

        static async IAsyncEnumerable<string> Broken()
        {
            yield return "70022";
            await Task.Yield();
            throw new InvalidTimeZoneException();
        }
    }
}
#endif
