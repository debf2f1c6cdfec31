using System;
using System.Collections.Generic;
using Diyalog;
using Diyalog.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a health check of the Diyalog server.</summary>
public static class DiyalogHealthChecksBuilderExtensions
{
    private const string DefaultName = "diyalog";
    private const string DefaultCustomerId = "health-check";

    /// <summary>Adds a health check that makes one lookup and reports Unhealthy if it fails.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="customerId">The customer to look up. The default need not exist: "no such customer" is
    /// Healthy.</param>
    /// <param name="clientName">The name of the client, if it was registered with one; null for the unnamed.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What a failed lookup is reported as; null for Unhealthy.</param>
    /// <param name="tags">Tags to filter checks by.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddDiyalog(
        this IHealthChecksBuilder builder,
        string customerId = DefaultCustomerId,
        string? clientName = null,
        string name = DefaultName,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new DiyalogHealthCheck(
                clientName == null
                    ? provider.GetRequiredService<DiyalogClient>()
                    : provider.GetRequiredKeyedService<DiyalogClient>(clientName),
                customerId),
            failureStatus,
            tags));
    }
}
