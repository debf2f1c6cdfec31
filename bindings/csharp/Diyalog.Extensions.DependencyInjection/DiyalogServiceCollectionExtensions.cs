using System;
using Diyalog;
using Diyalog.Extensions.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="DiyalogClient"/>.</summary>
public static class DiyalogServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="DiyalogClient"/> as a singleton, with options from configuration. Its log lines go
    /// to an <see cref="ILogger"/> of the category <c>Diyalog</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">A section with the properties of <see cref="DiyalogOptions"/>.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Invalid options fail the start of the host, with an <see cref="OptionsValidationException"/>.</remarks>
    public static IServiceCollection AddDiyalog(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSingleton(provider => provider.GetRequiredService<DiyalogClients>().Get(Options.Options.DefaultName));
        return services.AddOptions(Options.Options.DefaultName, builder => builder.Configure(options => ConfigurationBinding.Apply(configuration, options)));
    }

    /// <summary>Registers a <see cref="DiyalogClient"/> as a singleton. Its log lines go to an <see cref="ILogger"/> of the
    /// category <c>Diyalog</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Invalid options fail the start of the host, with an <see cref="OptionsValidationException"/>.</remarks>
    public static IServiceCollection AddDiyalog(this IServiceCollection services, Action<DiyalogOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSingleton(provider => provider.GetRequiredService<DiyalogClients>().Get(Options.Options.DefaultName));
        return services.AddOptions(Options.Options.DefaultName, builder => builder.Configure(configure));
    }

    /// <summary>Registers a named <see cref="DiyalogClient"/> as a keyed singleton, with options from configuration:
    /// inject it with <c>[FromKeyedServices(name)]</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the client, and the name of its options.</param>
    /// <param name="configuration">A section with the properties of <see cref="DiyalogOptions"/>.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Invalid options fail the start of the host, with an <see cref="OptionsValidationException"/>.</remarks>
    public static IServiceCollection AddDiyalog(
        this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<DiyalogClients>().Get(name));
        return services.AddOptions(name, builder => builder.Configure(options => ConfigurationBinding.Apply(configuration, options)));
    }

    /// <summary>Registers a named <see cref="DiyalogClient"/> as a keyed singleton: inject it with
    /// <c>[FromKeyedServices(name)]</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the client, and the name of its options.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Invalid options fail the start of the host, with an <see cref="OptionsValidationException"/>.</remarks>
    public static IServiceCollection AddDiyalog(
        this IServiceCollection services, string name, Action<DiyalogOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<DiyalogClients>().Get(name));
        return services.AddOptions(name, builder => builder.Configure(configure));
    }

    private static IServiceCollection AddOptions(
        this IServiceCollection services, string name, Action<OptionsBuilder<DiyalogOptions>> configure)
    {
        services.TryAddSingleton<DiyalogClients>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<DiyalogOptions>, LoggerOptions>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<DiyalogOptions>, ClientValidation>());
        OptionsBuilder<DiyalogOptions> builder = services.AddOptions<DiyalogOptions>(name);
        configure(builder);
        builder.ValidateOnStart();
        return services;
    }
}
