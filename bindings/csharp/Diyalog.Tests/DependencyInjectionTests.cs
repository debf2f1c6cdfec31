#if NET
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Diyalog.Extensions.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>The package Diyalog.Extensions.DependencyInjection.</summary>
[TestFixture]
public class DependencyInjectionTests
{
    private static IConfiguration Section(string name, string url, params (string Key, string Value)[] more)
    {
        var values = new Dictionary<string, string?>
        {
            [$"{name}:Endpoint"] = url,
            [$"{name}:AccessKeyId"] = Sandbox.KeyId,
            [$"{name}:AccessKeySecret"] = Sandbox.Secret,
            [$"{name}:RequesterUserId"] = "45186",
            [$"{name}:MaxRetries"] = "0",
        };
        foreach ((string key, string value) in more)
        {
            values[$"{name}:{key}"] = value;
        }
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(name);
    }

    [Test]
    public void A_client_is_a_singleton_with_options_from_configuration()
    {
        using var sandbox = new Sandbox();
        using ServiceProvider provider =
            new ServiceCollection().AddLogging().AddDiyalog(Section("Diyalog", sandbox.Url)).BuildServiceProvider();
        DiyalogClient client = provider.GetRequiredService<DiyalogClient>();
        Assert.That(provider.GetRequiredService<DiyalogClient>(), Is.SameAs(client));
        Assert.That(client.IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.IsCustomerInOnlineHelp("70022"));
    }

    [Test]
    public void Named_clients_are_keyed_services()
    {
        using var first = new Sandbox();
        using var second = new Sandbox();
        second.StartSession("{\"customerId\":\"70024\",\"helpType\":\"inbound\",\"staffId\":\"second\"}");
        using ServiceProvider provider = new ServiceCollection().AddLogging()
            .AddDiyalog("first", Section("A", first.Url))
            .AddDiyalog("second", options => Copy(second.Options(), options))
            .BuildServiceProvider();
        Assert.That(
            provider.GetRequiredKeyedService<DiyalogClient>("first").IsCustomerInOnlineHelp("70024").IsInHelp, Is.False);
        Assert.That(
            provider.GetRequiredKeyedService<DiyalogClient>("second").IsCustomerInOnlineHelp("70024").StaffId,
            Is.EqualTo("second"));
        Assert.That(provider.GetService<DiyalogClient>(), Is.Null);
    }

    private static void Copy(DiyalogOptions from, DiyalogOptions to)
    {
        to.Endpoint = from.Endpoint;
        to.AccessKeyId = from.AccessKeyId;
        to.AccessKeySecret = from.AccessKeySecret;
        to.RequesterUserId = from.RequesterUserId;
        to.MaxRetries = from.MaxRetries;
    }

    [Test]
    public void Every_option_is_read_from_configuration()
    {
        string[] delegates = [nameof(DiyalogOptions.Log), nameof(DiyalogOptions.LogFilter)];
        foreach (PropertyInfo property in typeof(DiyalogOptions).GetProperties().Where(one => !delegates.Contains(one.Name)))
        {
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            string text = type switch
            {
                _ when type == typeof(string) => "text",
                _ when type == typeof(byte[]) => "AQI=",
                _ when type == typeof(TimeSpan) => "00:00:03",
                _ when type == typeof(int) => "7",
                _ when type == typeof(bool) => (!(bool)property.GetValue(new DiyalogOptions())!).ToString(),
                _ => Enum.GetNames(type)[1],
            };
            var options = new DiyalogOptions();
            object? before = property.GetValue(options);
            ConfigurationBinding.Apply(Section("D", "x", (property.Name, text)), options);
            Assert.That(property.GetValue(options), Is.Not.EqualTo(before), property.Name);
        }
    }

    [Test]
    public void A_value_that_cannot_be_read_is_named()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => ConfigurationBinding.Apply(Section("Diyalog", "x", ("Timeout", "soon")), new DiyalogOptions()))!;
        Expect.Contains(error.Message, "Diyalog:Timeout");
    }

    [Test]
    public void Invalid_options_fail_the_start_of_the_host()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDiyalog(Section("Diyalog", "http://192.0.2.1"));
        using IHost host = builder.Build();
        OptionsValidationException error = Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())!;
        Expect.Contains(error.Message, "Endpoint is plain http");
    }

    [Test]
    public void Log_lines_go_to_the_logger_at_a_level_that_may_change()
    {
        using var sandbox = new Sandbox();
        using var lines = new Lines();
        using ServiceProvider provider = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace))
            .AddDiyalog(Section("Diyalog", sandbox.Url))
            .BuildServiceProvider();
        DiyalogClient client = provider.GetRequiredService<DiyalogClient>();
        lines.Level = LogLevel.Information;
        client.IsCustomerInOnlineHelp("70022");
        Assert.That(lines.Received, Is.Empty);

        lines.Level = LogLevel.Debug;
        client.IsCustomerInOnlineHelp("70022");
        Assert.That(lines.Received.Select(line => line.Level), Has.Member(LogLevel.Debug));
        Assert.That(lines.Received.Select(line => line.Category), Is.All.EqualTo("Diyalog"));
        int received = lines.Received.Count;

        lines.Level = LogLevel.None;
        sandbox.QueueAnswer(500, "no");
        Expect.Error(DiyalogErrorCode.Server, () => client.IsCustomerInOnlineHelp("70022"));
        Assert.That(lines.Received, Has.Count.EqualTo(received));
    }

    private sealed class Lines : ILoggerProvider
    {
        internal volatile LogLevel Level;

        internal ConcurrentQueue<(string Category, LogLevel Level)> Received { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Logger(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= lines.Level;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter) => lines.Received.Enqueue((category, logLevel));
        }
    }

    [Test]
    public async Task The_health_check_makes_a_lookup()
    {
        using var sandbox = new Sandbox();
        var services = new ServiceCollection();
        services.AddLogging().AddDiyalog(Section("Diyalog", sandbox.Url)).AddHealthChecks().AddDiyalog();
        using ServiceProvider provider = services.BuildServiceProvider();
        HealthCheckService health = provider.GetRequiredService<HealthCheckService>();
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Expect.Contains(sandbox.Requests(), "health-check");

        sandbox.QueueAnswer(500, "no");
        HealthReport report = await health.CheckHealthAsync();
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["diyalog"].Exception, Is.InstanceOf<DiyalogException>());
    }
}
#endif
