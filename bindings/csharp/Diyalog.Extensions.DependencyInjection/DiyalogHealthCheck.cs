using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Diyalog.Extensions.DependencyInjection;

/// <summary>Makes one lookup. Any status is healthy, "no such customer" included.</summary>
internal sealed class DiyalogHealthCheck(DiyalogClient client, string customerId) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.IsCustomerInOnlineHelpAsync(customerId, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is DiyalogException or ArgumentException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, error.Message, error);
        }
    }
}
