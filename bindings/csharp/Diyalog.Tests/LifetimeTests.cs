using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Disposal, garbage collection and the log while native calls run.</summary>
[TestFixture]
public class LifetimeTests
{
    [Test]
    public void Disposing_twice_is_fine_and_use_after_it_is_said()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogClient client = sandbox.Client();
            client.IsCustomerInOnlineHelp("70022");
            client.Dispose();
            client.Dispose();
            Expect.Throws<ObjectDisposedException>(() => client.IsCustomerInOnlineHelp("70022"));
            Expect.Throws<ObjectDisposedException>(
                () => client.IsCustomerInOnlineHelpAsync("70022").GetAwaiter().GetResult());
        }
    }

    [Test]
    public void Disposing_closes_the_connections()
    {
        using (var sandbox = new Sandbox())
        {
            DiyalogClient client = sandbox.Client();
            client.IsCustomerInOnlineHelp("70022");
            Assert.That(sandbox.OpenConnections(), Is.EqualTo(1));
            client.Dispose();
            for (int attempt = 0; attempt < 1000 && sandbox.OpenConnections() > 0; attempt++)
            {
                Thread.Sleep(5);
            }
            Assert.That(sandbox.OpenConnections(), Is.EqualTo(0));
            GC.KeepAlive(client);
        }
    }

    [Test]
    public void Disposing_during_a_call_waits_for_nobody_and_breaks_nothing()
    {
        using (var sandbox = new Sandbox())
        {
            sandbox.QueueFault("{\"kind\":\"delay\",\"milliseconds\":1500}");
            var lines = new ConcurrentQueue<string>();
            DiyalogOptions options = sandbox.Options();
            options.LogLevel = DiyalogLogLevel.Debug;
            options.Log = entry => lines.Enqueue(entry.Message);
            var client = new DiyalogClient(options);
            Task<HelpStatus> running = Task.Run(() => client.IsCustomerInOnlineHelp("70022"));
            sandbox.AwaitRequests(1);

            client.Dispose();
            Assert.That(running.IsCompleted, Is.False, "Dispose waited for the call");
            Expect.Throws<ObjectDisposedException>(() => client.IsCustomerInOnlineHelp("70022"));
            options = null!;
            Collect();

            Assert.That(running.GetAwaiter().GetResult().StaffId, Is.EqualTo("45001"));
            Assert.That(lines.Count, Is.GreaterThan(0), "the log went on to the call's end");
        }
    }

    [Test]
    public void Threads_that_race_with_disposal_get_an_answer_or_the_exception()
    {
        using (var sandbox = new Sandbox())
        {
            for (int round = 0; round < 20; round++)
            {
                DiyalogClient client = sandbox.Client();
                var odd = new ConcurrentQueue<Exception>();
                var begun = new CountdownEvent(4);
                Thread[] threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
                {
                    begun.Signal();
                    try
                    {
                        while (true)
                        {
                            client.IsCustomerInOnlineHelp("70022");
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                    catch (Exception error)
                    {
                        odd.Enqueue(error);
                    }
                })).ToArray();
                foreach (Thread thread in threads)
                {
                    thread.Start();
                }
                begun.Wait();
                Thread.Sleep(round % 5);
                client.Dispose();
                foreach (Thread thread in threads)
                {
                    thread.Join();
                }
                Assert.That(odd, Is.Empty);
            }
        }
    }

    [Test]
    public void Garbage_collection_during_calls_takes_nothing_away()
    {
        using (var sandbox = new Sandbox())
        {
            var stop = new ManualResetEvent(false);
            var collector = new Thread(() =>
            {
                while (!stop.WaitOne(0))
                {
                    Collect();
                }
            });
            collector.Start();
            try
            {
                for (int round = 0; round < 50; round++)
                {
                    Assert.That(AskWithAnUnreachableClient(sandbox), Is.GreaterThan(0));
                }
            }
            finally
            {
                stop.Set();
                collector.Join();
            }
        }
    }

    /// <summary>Nothing refers to the client once its call has begun, nor to the log but the client.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AskWithAnUnreachableClient(Sandbox sandbox)
    {
        var lines = new int[1];
        DiyalogOptions options = sandbox.Options();
        options.LogLevel = DiyalogLogLevel.Debug;
        options.Log = entry => Interlocked.Increment(ref lines[0]);
        Assert.That(new DiyalogClient(options).IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
        return lines[0];
    }

    [Test]
    public void The_log_receiver_is_let_go_with_the_client()
    {
        using (var sandbox = new Sandbox())
        {
            WeakReference disposed = UseReceiver(sandbox, true);
            WeakReference forgotten = UseReceiver(sandbox, false);
            for (int attempt = 0; attempt < 50 && (disposed.IsAlive || forgotten.IsAlive); attempt++)
            {
                // On threads of their own: Mono also looks for references on the stack of this one.
                var other = new Thread(Collect);
                other.Start();
                other.Join();
            }
            Assert.That(disposed.IsAlive, Is.False, "after Dispose");
            Assert.That(forgotten.IsAlive, Is.False, "after finalization");
        }
    }

    private static WeakReference UseReceiver(Sandbox sandbox, bool dispose)
    {
        WeakReference? weak = null;
        var thread = new Thread(() =>
        {
            var receiver = new Receiver();
            weak = new WeakReference(receiver);
            DiyalogOptions options = sandbox.Options();
            options.Log = receiver.Receive;
            var client = new DiyalogClient(options);
            client.IsCustomerInOnlineHelp("70022");
            if (dispose)
            {
                client.Dispose();
            }
        });
        thread.Start();
        thread.Join();
        return weak!;
    }

    private sealed class Receiver
    {
        private int lines;

        internal void Receive(DiyalogLogEntry entry) => lines++;
    }

    [Test]
    public void Log_lines_arrive_on_the_calling_thread_up_to_the_level()
    {
        using (var sandbox = new Sandbox())
        {
            var entries = new ConcurrentQueue<DiyalogLogEntry>();
            var threads = new ConcurrentQueue<int>();
            DiyalogOptions options = sandbox.Options();
            options.MaxRetries = 1;
            options.LogLevel = DiyalogLogLevel.Debug;
            options.Log = entry =>
            {
                entries.Enqueue(entry);
                threads.Enqueue(Environment.CurrentManagedThreadId);
            };
            using (var client = new DiyalogClient(options))
            {
                sandbox.QueueFault("{\"kind\":\"answer\",\"status\":500,\"body\":\"hata: ş\",\"times\":2}");
                Expect.Error(DiyalogErrorCode.Server, () => client.IsCustomerInOnlineHelp("70022"));
                client.IsCustomerInOnlineHelp("70022");
            }
            DiyalogLogLevel[] levels = entries.Select(entry => entry.Level).Distinct().ToArray();
            Assert.That(levels, Has.Member(DiyalogLogLevel.Error));
            Assert.That(levels, Has.Member(DiyalogLogLevel.Warning));
            Assert.That(levels, Has.Member(DiyalogLogLevel.Debug));
            Assert.That(threads.All(thread => thread == Environment.CurrentManagedThreadId), Is.True);
            string all = string.Join("\n", entries.Select(entry => entry.Message));
            Expect.Contains(all, "500", "ş");
            Assert.That(all.Contains(Sandbox.Secret), Is.False);

            entries = new ConcurrentQueue<DiyalogLogEntry>();
            options.LogLevel = DiyalogLogLevel.Error;
            using (var client = new DiyalogClient(options))
            {
                sandbox.QueueFault("{\"kind\":\"answer\",\"status\":500,\"times\":2}");
                Expect.Error(DiyalogErrorCode.Server, () => client.IsCustomerInOnlineHelp("70022"));
            }
            Assert.That(entries.Select(entry => entry.Level), Is.EqualTo(new[] { DiyalogLogLevel.Error }));
        }
    }

    [Test]
    public void A_log_receiver_that_throws_does_not_disturb_the_call()
    {
        using (var sandbox = new Sandbox())
        {
            int thrown = 0;
            DiyalogOptions options = sandbox.Options();
            options.LogLevel = DiyalogLogLevel.Debug;
            options.Log = entry =>
            {
                Interlocked.Increment(ref thrown);
                throw new InvalidOperationException("from the receiver");
            };
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
                sandbox.QueueAnswer(500, "no");
                Expect.Error(DiyalogErrorCode.Server, () => client.IsCustomerInOnlineHelp("70022"));
                Assert.That(client.IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
            }
            Assert.That(thrown, Is.GreaterThan(2));
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
