"""Compiles the C# of README.md and bindings/csharp/README.md: python3 bindings/csharp/test-snippets.py

Each block is the body of a method, which has what blocks use without declaring it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "target/csharp/snippets"
GIVEN = {
    "client": "DiyalogClient",
    "builder": "Microsoft.Extensions.Hosting.HostApplicationBuilder",
    "ids": "IEnumerable<string>",
    "body": "string",
    "bytes": "byte[]",
    "cancellationToken": "CancellationToken",
}
PROJECT = """<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <NoWarn>CS1998</NoWarn>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="{root}/bindings/csharp/Diyalog.Extensions.DependencyInjection/Diyalog.Extensions.DependencyInjection.csproj" />
    <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.0" />
    <PackageReference Include="NSubstitute" Version="6.1.0" />
  </ItemGroup>
</Project>
"""


def main() -> None:
    count = 0
    code = "using Diyalog;\nusing Microsoft.Extensions.DependencyInjection;\nusing NSubstitute;\n"
    code += "using NSubstitute.ExceptionExtensions;\n"
    for page in ROOT / "README.md", ROOT / "bindings/csharp/README.md":
        for block in re.findall(r"^```csharp\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            if "OpenTelemetry" in block:  # its package of extensions is not at hand
                continue
            count += 1
            block = re.sub(r"^using [\w.]+;\n", "", block, flags=re.MULTILINE)
            given = [f"{type} {name}" for name, type in GIVEN.items() if not re.search(rf"\b{name} = ", block)]
            code += f"static class Snippet{count} {{\nstatic async Task Run({', '.join(given)})\n{{\n{block}}}\n}}\n"
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "snippets.csproj").write_text(PROJECT.format(root=ROOT))
    (OUT / "Snippets.cs").write_text(code)
    done = subprocess.run(["dotnet", "build", OUT, "-nologo", "-v", "quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: a snippet does not compile\n{done.stdout}")
    print(f"{count} passed: snippets compile")


main()
