#if !NET
#pragma warning disable CA1822 // Without measurements the members use no state.
#endif
using System;
#if NET
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
#endif
using System.Threading.Tasks;

namespace Diyalog.Native;

/// <summary>Traces and metrics of a client's calls, named after OpenTelemetry's conventions for HTTP clients. They never
/// contain a customer id: it is in the body of the request.</summary>
/// <remarks>On .NET only: elsewhere ActivitySource and Meter would be a package dependency, so no call is measured. A call
/// that nobody listens to costs two reads. Thread-safe.</remarks>
internal sealed class Telemetry
{
    internal const string LookupPath = "/v1/application/iscustomerinonlinehelp";

#if NET
    private const string Name = "Diyalog";
    private const string Method = "POST";

    private static readonly ActivitySource Source = new(Name, NativeLibraryLoader.OwnVersion);
    private static readonly Meter Meter = new(Name, NativeLibraryLoader.OwnVersion);
    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("http.client.request.duration", "s", "Duration of calls, retries included.");

    /// <summary>Null if .NET cannot parse it: calls are not measured then.</summary>
    private readonly Uri? endpoint;
#endif

    /// <param name="endpoint">An endpoint that the library has accepted.</param>
    internal Telemetry(string endpoint)
    {
#if NET
        _ = Uri.TryCreate(endpoint, UriKind.Absolute, out this.endpoint);
#endif
    }

    /// <summary>Starts to measure a call to a path of the API. Null if nobody listens.</summary>
    internal Call? Start(string path) =>
#if NET
        endpoint != null && (Source.HasListeners() || Duration.Enabled) ? new Call(endpoint, path) : null;
#else
        null;
#endif

    /// <summary>One call that is being measured.</summary>
    internal sealed class Call
    {
#if NET
        private readonly Uri endpoint;
        private readonly Activity? activity;
        private readonly long started = Stopwatch.GetTimestamp();

        internal Call(Uri endpoint, string path)
        {
            this.endpoint = endpoint;
            Activity? caller = Activity.Current;
            activity = Source.StartActivity(Method, ActivityKind.Client);
            // What the caller does while an asynchronous call is in flight is not part of the call.
            Activity.Current = caller;
            if (activity is { IsAllDataRequested: true })
            {
                activity.SetTag("http.request.method", Method);
                activity.SetTag("server.address", endpoint.Host);
                activity.SetTag("server.port", endpoint.Port);
                activity.SetTag("url.full", endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);
            }
        }

#endif

        /// <summary>Waits for an asynchronous call.</summary>
        internal async Task<TResult> EndAsync<TResult>(Task<TResult> call)
        {
            try
            {
                TResult result = await call.ConfigureAwait(false);
                End(null);
                return result;
            }
            catch (Exception error) when (End(error))
            {
                throw;
            }
        }

        /// <summary>Records the end of a call. Returns false, so that an exception filter can call it.</summary>
        internal bool End(Exception? error)
        {
#if NET
            int? status = error is null ? 200 : (error as DiyalogException)?.HttpStatus;
            string? errorType = ErrorType(error, status);
            if (activity != null)
            {
                if (status != null)
                {
                    activity.SetTag("http.response.status_code", status);
                }
                if (errorType != null)
                {
                    activity.SetTag("error.type", errorType);
                    activity.SetStatus(ActivityStatusCode.Error);
                }
                activity.Dispose();
            }
            if (Duration.Enabled)
            {
                var tags = new TagList
                {
                    { "http.request.method", Method },
                    { "server.address", endpoint.Host },
                    { "server.port", endpoint.Port },
                    { "url.scheme", endpoint.Scheme },
                };
                if (status != null)
                {
                    tags.Add("http.response.status_code", status);
                }
                if (errorType != null)
                {
                    tags.Add("error.type", errorType);
                }
                Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
            }
#endif
            return false;
        }

#if NET
        /// <summary>The status if it is one of failure, otherwise the code or the exception's type.</summary>
        private static string? ErrorType(Exception? error, int? status) => error switch
        {
            null => null,
            DiyalogException when status is int and not 200 => status.Value.ToString(CultureInfo.InvariantCulture),
            DiyalogException failure => failure.Code.ToString(),
            _ => error.GetType().FullName,
        };
#endif
    }
}
