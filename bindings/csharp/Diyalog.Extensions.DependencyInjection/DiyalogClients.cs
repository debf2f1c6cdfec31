using Microsoft.Extensions.Options;

namespace Diyalog.Extensions.DependencyInjection;

/// <summary>Creates the registered clients. The container disposes of each, as of every singleton that it returns.</summary>
internal sealed class DiyalogClients(IOptionsMonitor<DiyalogOptions> options)
{
    internal DiyalogClient Get(string name) => new(options.Get(name));
}
