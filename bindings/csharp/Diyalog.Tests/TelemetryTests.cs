#if NET
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Diyalog.Tests;

/// <summary>Traces and metrics, as OpenTelemetry collects them.</summary>
[TestFixture]
[NonParallelizable]
public class TelemetryTests
{
    [Test]
    public async Task Every_kind_of_call_is_a_span_without_the_customer()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        var spans = new List<Activity>();
        using (TracerProvider tracer = Sdk.CreateTracerProviderBuilder()
            .AddSource("Diyalog").AddInMemoryExporter(spans).Build())
        {
            client.IsCustomerInOnlineHelp("70022");
            Task<HelpStatus> running = client.IsCustomerInOnlineHelpAsync("70022");
            Assert.That(Activity.Current, Is.Null);
            await running;
            sandbox.QueueAnswer(500, "no");
            Expect.Error(DiyalogErrorCode.Server, () => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(client.AreCustomersInOnlineHelp(["70022"]).Count(), Is.EqualTo(1));
            tracer.ForceFlush();
        }
        Assert.That(spans, Has.Count.EqualTo(4));
        foreach (Activity span in spans)
        {
            Assert.That(span.Kind, Is.EqualTo(ActivityKind.Client));
            Assert.That(span.GetTagItem("http.request.method"), Is.EqualTo("POST"));
            Assert.That(span.GetTagItem("server.port"), Is.EqualTo(new Uri(sandbox.Url).Port));
            Assert.That(span.GetTagItem("url.full"), Is.EqualTo(sandbox.Url + "/v1/application/iscustomerinonlinehelp"));
            Assert.That(span.TagObjects.Select(tag => $"{tag.Value}"), Has.None.Contains("70022"));
        }
        Activity failed = spans.Single(span => span.Status == ActivityStatusCode.Error);
        Assert.That(failed.GetTagItem("http.response.status_code"), Is.EqualTo(500));
        Assert.That(failed.GetTagItem("error.type"), Is.EqualTo("500"));
    }

    [Test]
    public void Calls_are_counted_by_outcome()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        var metrics = new List<Metric>();
        using (MeterProvider meter = Sdk.CreateMeterProviderBuilder()
            .AddMeter("Diyalog").AddInMemoryExporter(metrics).Build())
        {
            client.IsCustomerInOnlineHelp("70022");
            client.IsCustomerInOnlineHelp("70022");
            sandbox.QueueAnswer(503, "busy");
            Expect.Error(DiyalogErrorCode.HttpStatus, () => client.IsCustomerInOnlineHelp("70022"));
            meter.ForceFlush();
        }
        Metric duration = metrics.First(metric => metric.Name == "http.client.request.duration");
        Assert.That(duration.Unit, Is.EqualTo("s"));
        var counts = new Dictionary<string, long>();
        foreach (ref readonly MetricPoint point in duration.GetMetricPoints())
        {
            foreach (KeyValuePair<string, object?> tag in point.Tags)
            {
                if (tag.Key == "http.response.status_code")
                {
                    counts[$"{tag.Value}"] = point.GetHistogramCount();
                }
            }
        }
        Assert.That(counts, Is.EquivalentTo(new Dictionary<string, long> { ["200"] = 2, ["503"] = 1 }));
    }
}
#endif
