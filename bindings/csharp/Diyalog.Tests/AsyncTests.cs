using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>The lookup on the thread pool.</summary>
[TestFixture]
public class AsyncTests
{
    [Test]
    public void Answers_and_errors_are_those_of_the_call()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Assert.That(Wait(client.IsCustomerInOnlineHelpAsync("70022")).StaffId, Is.EqualTo("45001"));
            Assert.That(
                Wait(client.IsCustomerInOnlineHelpAsync("müşteri-70025", CancellationToken.None)).StaffId,
                Is.EqualTo("temsilci-şule"));

            var forAnother = new DiyalogCallOptions { RequesterUserId = "45188" };
            Wait(client.IsCustomerInOnlineHelpAsync("70022", forAnother));
            Expect.Contains(sandbox.Requests(), "\"45188\"");

            sandbox.QueueAnswer(500, "no");
            Expect.Error(DiyalogErrorCode.Server, () => Wait(client.IsCustomerInOnlineHelpAsync("70022")));

            Assert.That(
                Expect.Throws<ArgumentNullException>(() => Wait(client.IsCustomerInOnlineHelpAsync(null!)))
                    .ParamName,
                Is.EqualTo("customerId"));
        }
    }

    [Test]
    public void The_caller_does_not_wait()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":1000}");
            Task<HelpStatus> running = client.IsCustomerInOnlineHelpAsync("70022");
            Assert.That(running.IsCompleted, Is.False);
            Assert.That(Wait(running).IsInHelp, Is.True);
        }
    }

    [Test]
    public void Many_run_at_once()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Task<HelpStatus>[] calls = Enumerable.Range(0, 64)
                .Select(_ => client.IsCustomerInOnlineHelpAsync("70022"))
                .ToArray();
            Assert.That(calls.All(call => Wait(call).StaffId == "45001"), Is.True);
        }
    }

    [Test]
    public void A_token_that_is_cancelled_already_sends_nothing()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        {
            Task call = client.IsCustomerInOnlineHelpAsync("70022", new CancellationToken(true));
            Assert.That(call.IsCanceled, Is.True);
            Assert.That(sandbox.RequestCount(), Is.EqualTo(0));
        }
    }

    [Test]
    public void Cancelling_ends_the_wait_at_once()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        using (var source = new CancellationTokenSource())
        {
            // The call itself would go on for its ten seconds.
            sandbox.QueueFault("{\"kind\":\"silence\"}");
            Task<HelpStatus> running = client.IsCustomerInOnlineHelpAsync("70022", source.Token);
            sandbox.AwaitRequests(1);

            source.Cancel();
            Assert.That(((IAsyncResult)running).AsyncWaitHandle.WaitOne(5000), Is.True);
            Assert.That(running.IsCanceled, Is.True);
            OperationCanceledException? cancelled = null;
            try
            {
                Wait(running);
            }
            catch (OperationCanceledException error)
            {
                cancelled = error;
            }
            Assert.That(cancelled?.CancellationToken, Is.EqualTo(source.Token));
            Assert.That(client.IsCustomerInOnlineHelp("70022").IsInHelp, Is.True, "the client stays usable");
        }
    }

    [Test]
    public void Cancelling_after_the_end_changes_nothing()
    {
        using (var sandbox = new Sandbox())
        using (DiyalogClient client = sandbox.Client())
        using (var source = new CancellationTokenSource())
        {
            Task<HelpStatus> done = client.IsCustomerInOnlineHelpAsync("70022", source.Token);
            Wait(done);
            source.Cancel();
            Assert.That(done.IsCanceled, Is.False);
        }
    }

    [Test]
    public void What_fails_after_cancelling_is_nobodys_business()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> watch = (_, e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += watch;
        try
        {
            using (var sandbox = new Sandbox())
            using (var source = new CancellationTokenSource())
            {
                sandbox.QueueFault("{\"kind\":\"silence\"}");
                DiyalogOptions options = sandbox.Options();
                options.Timeout = TimeSpan.FromSeconds(1);
                var failed = new ManualResetEvent(false);
                options.Log = entry => failed.Set();
                using (var client = new DiyalogClient(options))
                {
                    Task running = client.IsCustomerInOnlineHelpAsync("70022", source.Token);
                    sandbox.AwaitRequests(1);
                    source.Cancel();
                    Assert.That(((IAsyncResult)running).AsyncWaitHandle.WaitOne(5000), Is.True);
                    Assert.That(running.IsCanceled, Is.True);
                }
                Assert.That(failed.WaitOne(5000), Is.True);
            }
            Thread.Sleep(50);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.That(unobserved, Is.Empty);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= watch;
        }
    }

    private static HelpStatus Wait(Task<HelpStatus> call) => call.GetAwaiter().GetResult();
}
