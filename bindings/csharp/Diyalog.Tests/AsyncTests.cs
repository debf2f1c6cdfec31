using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Asynchronous lookups: results, cancellation, disposal, and the threads they use.</summary>
[TestFixture]
public class AsyncTests
{
    /// <summary>Far less than the deadline of a silent lookup, far more than a cancelled one needs.</summary>
    private const int Soon = 5000;

    private static void Silence(Sandbox sandbox, int times) =>
        sandbox.QueueFault($"{{\"kind\":\"silence\",\"times\":{times}}}");

    [Test]
    public async Task Statuses_and_errors_are_those_of_the_synchronous_call()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        Assert.That((await client.IsCustomerInOnlineHelpAsync("70022")).StaffId, Is.EqualTo("45001"));
        Assert.That(
            (await client.IsCustomerInOnlineHelpAsync("müşteri-70025", CancellationToken.None)).StaffId,
            Is.EqualTo("temsilci-şule"));

        var forAnother = new DiyalogCallOptions { RequesterUserId = "45188" };
        await client.IsCustomerInOnlineHelpAsync("70022", forAnother);
        Expect.Contains(sandbox.Requests(), "\"45188\"");

        sandbox.QueueAnswer(500, "no");
        DiyalogException error =
            Assert.ThrowsAsync<DiyalogException>(() => client.IsCustomerInOnlineHelpAsync("70022"))!;
        Assert.That(error.Code, Is.EqualTo(DiyalogErrorCode.Server));
        Assert.That(error.HttpStatus, Is.EqualTo(500));
        Assert.That(error.IsRetryable, Is.True);
    }

    [Test]
    public void Invalid_arguments_are_in_the_task()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        foreach (string? invalid in new[] { null, "", "a\0b", "\ud83d" })
        {
            Task task = client.IsCustomerInOnlineHelpAsync(invalid!);
            ArgumentException error = Assert.CatchAsync<ArgumentException>(() => task)!;
            Assert.That(error.ParamName, Is.EqualTo("customerId"));
        }
        var never = new DiyalogCallOptions { Timeout = TimeSpan.Zero };
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.IsCustomerInOnlineHelpAsync("1", never));
        Assert.That(sandbox.RequestCount(), Is.Zero);
    }

    [Test]
    public async Task Lookups_in_flight_block_no_thread_of_the_pool()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":1000,\"times\":32}");
        int before = BusyThreads();
        Task<HelpStatus>[] lookups =
            Enumerable.Range(0, 32).Select(_ => client.IsCustomerInOnlineHelpAsync("70022")).ToArray();
        sandbox.AwaitRequests(32);
        Assert.That(BusyThreads() - before, Is.LessThanOrEqualTo(1));
        Assert.That(lookups.Any(lookup => lookup.IsCompleted), Is.False, "all are in flight at once");
        foreach (HelpStatus status in await Task.WhenAll(lookups))
        {
            Assert.That(status.StaffId, Is.EqualTo("45001"));
        }
    }

    private static int BusyThreads()
    {
        ThreadPool.GetMaxThreads(out int most, out _);
        ThreadPool.GetAvailableThreads(out int available, out _);
        return most - available;
    }

    [Test]
    public async Task Lookups_beyond_MaxInFlight_wait_for_their_turn()
    {
        using var sandbox = new Sandbox();
        DiyalogOptions options = sandbox.Options();
        options.MaxInFlight = 2;
        using var client = new DiyalogClient(options);
        Silence(sandbox, 2);
        using var source = new CancellationTokenSource();
        Task[] silent = [.. Enumerable.Range(0, 2).Select(_ => client.IsCustomerInOnlineHelpAsync("1", source.Token))];
        sandbox.AwaitRequests(2);
        Task<HelpStatus> third = client.IsCustomerInOnlineHelpAsync("70022");
        Assert.That(third.IsCompleted, Is.False);

        source.Cancel();
        Assert.That((await third).IsInHelp, Is.True);
        foreach (Task one in silent)
        {
            Assert.CatchAsync<OperationCanceledException>(() => one);
        }
    }

    [Test]
    public void A_token_that_is_cancelled_already_sends_nothing()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        var cancelled = new CancellationToken(true);
        Task call = client.IsCustomerInOnlineHelpAsync("70022", cancelled);
        Assert.That(call.IsCanceled, Is.True);
        Assert.Throws<OperationCanceledException>(() => client.IsCustomerInOnlineHelp("70022", null, cancelled));
        Assert.That(sandbox.RequestCount(), Is.Zero);
    }

    [Test]
    public void Cancelling_ends_the_native_call()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        using var source = new CancellationTokenSource();
        Silence(sandbox, 1);
        Task<HelpStatus> running = client.IsCustomerInOnlineHelpAsync("70022", source.Token);
        sandbox.AwaitRequests(1);

        source.Cancel();
        OperationCanceledException cancelled = Assert.CatchAsync<OperationCanceledException>(() => running)!;
        Assert.That(running.IsCanceled, Is.True);
        Assert.That(cancelled.CancellationToken, Is.EqualTo(source.Token));
        sandbox.AwaitNoConnections();
        Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True, "the client stays usable");
    }

    [Test]
    public async Task Cancelling_ends_a_synchronous_call()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        using var source = new CancellationTokenSource();
        Silence(sandbox, 1);
        Task<HelpStatus> running = Task.Run(() => client.IsCustomerInOnlineHelp("70022", null, source.Token));
        sandbox.AwaitRequests(1);

        source.Cancel();
        Assert.That(await Task.WhenAny(running, Task.Delay(Soon)), Is.SameAs(running));
        OperationCanceledException cancelled = Assert.CatchAsync<OperationCanceledException>(() => running)!;
        Assert.That(cancelled.CancellationToken, Is.EqualTo(source.Token));
        sandbox.AwaitNoConnections();
        using var other = new CancellationTokenSource();
        Assert.That(client.IsCustomerInOnlineHelp("70022", null, other.Token).IsInHelp, Is.True);
    }

    [Test]
    public async Task Cancelling_after_the_end_changes_nothing()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        using var source = new CancellationTokenSource();
        Task<HelpStatus> done = client.IsCustomerInOnlineHelpAsync("70022", source.Token);
        await done;
        source.Cancel();
        Assert.That(done.IsCanceled, Is.False);
    }

    [Test]
    public void Disposing_cancels_asynchronous_calls()
    {
        using var sandbox = new Sandbox();
        DiyalogClient client = sandbox.Client();
        Silence(sandbox, 3);
        Task<HelpStatus>[] running =
            [.. Enumerable.Range(0, 3).Select(_ => client.IsCustomerInOnlineHelpAsync("70022"))];
        sandbox.AwaitRequests(3);

        client.Dispose();
        foreach (Task<HelpStatus> one in running)
        {
            Assert.CatchAsync<OperationCanceledException>(() => one);
        }
        sandbox.AwaitNoConnections();
        Assert.ThrowsAsync<ObjectDisposedException>(() => client.IsCustomerInOnlineHelpAsync("70022"));
    }

    [Test]
    public async Task Disposing_of_an_idle_client_closes_its_connections()
    {
        using var sandbox = new Sandbox();
        DiyalogClient client = sandbox.Client();
        await client.IsCustomerInOnlineHelpAsync("70022");
        Assert.That(sandbox.OpenConnections(), Is.EqualTo(1));
        client.Dispose();
        sandbox.AwaitNoConnections();
        GC.KeepAlive(client);
    }

    [Test]
    public void Waiting_in_a_user_interface_does_not_deadlock()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        HelpStatus? status = null;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            status = client.IsCustomerInOnlineHelpAsync("70022").Result;
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.That(thread.Join(Soon), Is.True, "deadlock");
        Assert.That(status!.IsInHelp, Is.True);
    }

    /// <summary>The context of a thread that is blocked.</summary>
    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    [Test]
    public async Task A_continuation_that_blocks_delays_no_other_call()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        using var go = new ManualResetEventSlim();
        // Late, so that the continuation is attached first: otherwise it would run right here.
        sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":500}");
        Task blocked = client.IsCustomerInOnlineHelpAsync("70022")
            .ContinueWith(_ => go.Wait(10 * Soon), TaskContinuationOptions.ExecuteSynchronously);
        sandbox.AwaitRequests(1);
        sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":1000}");
        await client.IsCustomerInOnlineHelpAsync("70022");
        Assert.That(blocked.IsCompleted, Is.False);
        go.Set();
        await blocked;
    }

    [Test]
    public async Task Cancels_at_random_complete_every_task_once_with_its_own_status()
    {
        using var sandbox = new Sandbox();
        DiyalogOptions options = sandbox.Options();
        options.MaxInFlight = 16;
        using var client = new DiyalogClient(options);
        var random = new Random(1);
        var odd = new ConcurrentQueue<string>();
        for (int round = 0; round < 20; round++)
        {
            using var source = new CancellationTokenSource();
            Task[] lookups = Enumerable.Range(0, 50).Select(async number =>
            {
                string customer = number % 2 == 0 ? "70022" : "müşteri-70025";
                string staff = number % 2 == 0 ? "45001" : "temsilci-şule";
                try
                {
                    HelpStatus status = await client.IsCustomerInOnlineHelpAsync(customer, source.Token);
                    if (status.StaffId != staff)
                    {
                        odd.Enqueue($"{status} for {customer}");
                    }
                }
                catch (OperationCanceledException)
                {
                }
            }).ToArray();
            source.CancelAfter(random.Next(20));
            await Task.WhenAll(lookups);
        }
        Assert.That(odd, Is.Empty);
        Assert.That((await client.IsCustomerInOnlineHelpAsync("70022")).StaffId, Is.EqualTo("45001"));
    }
}
