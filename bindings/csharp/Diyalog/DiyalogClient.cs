using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Diyalog
{
    /// <summary>Asks a Diyalog server whether a customer is in a live chat right now, and with whom.</summary>
    /// <remarks>Safe to use from any number of threads at the same time: share one per process. It keeps
    /// connections to the server until it is disposed of.</remarks>
    /// <example>
    /// <code>
    /// using (var client = new DiyalogClient(DiyalogOptions.FromEnvironment()))
    /// {
    ///     HelpStatus status = client.IsCustomerInOnlineHelp("70022");
    /// }
    /// </code>
    /// </example>
    public sealed class DiyalogClient : IDisposable
    {
        /// <summary>One for all clients and never collected, so that the library can always call it.</summary>
        private static readonly NativeMethods.LogCallback ForwardToReceiver = Forward;

        private readonly NativeMethods library;
        private readonly ClientHandle handle;

        /// <summary>Said here too, since the handle is not closed while a call still runs on it.</summary>
        private volatile bool disposed;

        /// <summary>Makes a client: checks the options and reads the files that they name. Opens no
        /// connection.</summary>
        /// <param name="options">The settings. The client takes a copy.</param>
        /// <exception cref="ArgumentException">A setting is missing or makes no sense;
        /// <see cref="ArgumentException.ParamName"/> is its property.</exception>
        /// <exception cref="DllNotFoundException">The native library was not found or cannot be used in this
        /// process; the message has every path that was tried.</exception>
        public DiyalogClient(DiyalogOptions options)
        {
            if (options == null)
            {
                throw new ArgumentNullException(nameof(options));
            }
            library = NativeMethods.Library;
            using (ConfigHandle config = options.ToNative(library))
            {
                handle = Create(config, options.Log, options.LogLevel);
            }
        }

        /// <summary>Asks whether a customer is in an active online help session right now, and with
        /// whom.</summary>
        /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
        /// <returns>The answer. That the system knows no such customer is one too: see
        /// <see cref="HelpStatus.CustomerFound"/>.</returns>
        /// <remarks>Blocks until the answer is there or the deadline has passed.</remarks>
        /// <exception cref="DiyalogException">The lookup failed.</exception>
        /// <exception cref="ArgumentException">The customer id or the requester's user id is missing or cannot
        /// be sent.</exception>
        /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
        public HelpStatus IsCustomerInOnlineHelp(string customerId) => IsCustomerInOnlineHelp(customerId, null);

        /// <inheritdoc cref="IsCustomerInOnlineHelp(string)"/>
        /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
        /// <param name="options">What this call does differently from the client's options; null for
        /// nothing.</param>
        public HelpStatus IsCustomerInOnlineHelp(string customerId, DiyalogCallOptions options) =>
            Ask(Prepare(customerId, options));

        /// <summary>Asks on the thread pool whether a customer is in an active online help session right now,
        /// and with whom.</summary>
        /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
        /// <param name="cancellationToken">Ends the wait at once. The native call cannot be interrupted: on its
        /// thread of the pool it runs on to the answer or its deadline, and its result is dropped. Keep
        /// <see cref="DiyalogOptions.Timeout"/> short where calls are often cancelled.</param>
        /// <returns>The answer. That the system knows no such customer is one too: see
        /// <see cref="HelpStatus.CustomerFound"/>.</returns>
        /// <exception cref="DiyalogException">The lookup failed.</exception>
        /// <exception cref="ArgumentException">The customer id or the requester's user id is missing or cannot
        /// be sent.</exception>
        /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
        /// <exception cref="ObjectDisposedException">The client was disposed of before the call began.</exception>
        public Task<HelpStatus> IsCustomerInOnlineHelpAsync(
            string customerId, CancellationToken cancellationToken = default(CancellationToken)) =>
            IsCustomerInOnlineHelpAsync(customerId, null, cancellationToken);

        /// <inheritdoc cref="IsCustomerInOnlineHelpAsync(string, CancellationToken)"/>
        /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
        /// <param name="options">What this call does differently from the client's options; null for
        /// nothing.</param>
        /// <param name="cancellationToken">Ends the wait at once. The native call cannot be interrupted: on its
        /// thread of the pool it runs on to the answer or its deadline, and its result is dropped. Keep
        /// <see cref="DiyalogCallOptions.Timeout"/> short where calls are often cancelled.</param>
        public async Task<HelpStatus> IsCustomerInOnlineHelpAsync(
            string customerId,
            DiyalogCallOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            Question question = Prepare(customerId, options);
            cancellationToken.ThrowIfCancellationRequested();

            // Continuations go to the pool: they must not run on the thread that cancels.
            var answer = new TaskCompletionSource<HelpStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken)))
            {
                ThreadPool.QueueUserWorkItem(_ => Answer(question, answer));
                return await answer.Task.ConfigureAwait(false);
            }
        }

        /// <summary>Closes the client and its connections. It waits for nobody: calls that are running end as
        /// if nothing had happened, and the last one closes the connections. Calls that begin later throw
        /// <see cref="ObjectDisposedException"/>. Disposing twice is fine.</summary>
        public void Dispose()
        {
            disposed = true;
            handle.Dispose();
        }

        private ClientHandle Create(ConfigHandle config, Action<DiyalogLogEntry> log, DiyalogLogLevel level)
        {
            var receiver = default(GCHandle);
            try
            {
                if (log != null)
                {
                    receiver = GCHandle.Alloc(log);
                    int set = library.diyalog_config_set_log_callback(
                        config, ForwardToReceiver, GCHandle.ToIntPtr(receiver), (int)level, out ErrorHandle setError);
                    NativeErrors.Check(set, setError);
                }
                int made = library.diyalog_client_new(config, out ClientHandle client, out ErrorHandle error);
                NativeErrors.Check(made, error);
                client.Own(receiver);
                return client;
            }
            catch
            {
                if (receiver.IsAllocated)
                {
                    receiver.Free();
                }
                throw;
            }
        }

        /// <summary>Hands a log line on. No exception may get from here into the library.</summary>
        private static void Forward(int level, IntPtr message, IntPtr userData)
        {
            try
            {
                var receiver = (Action<DiyalogLogEntry>)GCHandle.FromIntPtr(userData).Target;
                receiver(new DiyalogLogEntry((DiyalogLogLevel)level, Utf8.ToText(message)));
            }
            catch (Exception)
            {
                // The receiver's, and the lookup has nothing to do with it.
            }
        }

        /// <summary>What a call asks, taken from its arguments on the thread that made it.</summary>
        private sealed class Question
        {
            internal byte[] CustomerId;
            internal byte[] RequesterUserId;
            internal uint TimeoutMs;
        }

        private Question Prepare(string customerId, DiyalogCallOptions options)
        {
            if (disposed)
            {
                throw new ObjectDisposedException(nameof(DiyalogClient));
            }
            if (customerId == null)
            {
                throw new ArgumentNullException(nameof(customerId));
            }
            TimeSpan? timeout = options?.Timeout;
            return new Question
            {
                CustomerId = Utf8.FromText(customerId, nameof(customerId)),
                RequesterUserId =
                    Utf8.FromText(options?.RequesterUserId, nameof(DiyalogCallOptions.RequesterUserId)),
                TimeoutMs = timeout.HasValue
                    ? DiyalogOptions.Milliseconds(timeout.Value, nameof(DiyalogCallOptions.Timeout))
                    : 0,
            };
        }

        private HelpStatus Ask(Question question)
        {
            var status = default(NativeMethods.NativeHelpStatus);
            status.StructSize = (uint)Marshal.SizeOf<NativeMethods.NativeHelpStatus>();
            var options = default(NativeMethods.CallOptions);
            options.StructSize = (uint)Marshal.SizeOf<NativeMethods.CallOptions>();
            options.TimeoutMs = question.TimeoutMs;
            var requester = GCHandle.Alloc(question.RequesterUserId, GCHandleType.Pinned);
            try
            {
                options.RequesterUserId = requester.AddrOfPinnedObject();
                int code = library.diyalog_client_is_customer_in_online_help(
                    handle, question.CustomerId, ref options, ref status, out ErrorHandle error);
                NativeErrors.Check(code, error);
                return new HelpStatus(ref status);
            }
            finally
            {
                library.diyalog_help_status_clear(ref status);
                requester.Free();
            }
        }

        private void Answer(Question question, TaskCompletionSource<HelpStatus> answer)
        {
            if (answer.Task.IsCompleted)
            {
                return;
            }
            try
            {
                answer.TrySetResult(Ask(question));
            }
            catch (Exception error)
            {
                answer.TrySetException(error);
            }
        }
    }
}
