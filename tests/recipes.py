"""Runs the recipes of docs/platform.md in one language: diyalog-sandbox -- recipes.py LIBRARY-FOLDER LANGUAGE

The first block of a language is the frame, and its comment "The recipe." stands for each of the
others. A recipe in C prints the response, which has to be the JSON below it on the page, where …
stands for any value or further fields. A recipe in Python or C# prints some fields of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/platform.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "@@ output of the next recipe @@"


def c(frame: str, recipes: list[str], shipped: Path, work: Path) -> list[str]:
    body = "".join(f'  puts("{MARK}");\n{recipe}' for recipe in recipes)
    (work / "recipes.c").write_text(frame.replace("/* The recipe. */", body), "utf-8")
    strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsanitize=address"]
    link = [f"-I{ROOT}/include", "recipes.c", f"-L{shipped}", "-ldiyalog", f"-Wl,-rpath,{shipped}"]
    subprocess.run([os.environ.get("CC", "cc"), *strict, *link, "-o", "recipes"], check=True, cwd=work)
    return ["./recipes"]


def python(frame: str, recipes: list[str], shipped: Path, work: Path) -> list[str]:
    body = "".join(f'print("{MARK}")\n{recipe}' for recipe in recipes).replace("\n", "\n    ")
    (work / "recipes.py").write_text(frame.replace("# The recipe.", body), "utf-8")
    package = work / "diyalog"
    shutil.copytree(ROOT / "bindings/python/src/diyalog", package)
    version = subprocess.check_output([ROOT / "packaging/version.sh"], text=True).strip()
    (package / "_version.py").write_text(f'__version__ = "{version}"\n')
    return [sys.executable, "recipes.py"]


def csharp(frame: str, recipes: list[str], shipped: Path, work: Path) -> list[str]:
    needed = subprocess.run([ROOT / "bindings/csharp/need-dotnet.sh", "the C# recipes of docs/platform.md"])
    if needed.returncode != 0:
        sys.exit(needed.returncode)
    body = "".join(f'{{\nConsole.WriteLine("{MARK}");\n{recipe}}}\n' for recipe in recipes)
    (work / "Recipes.cs").write_text(frame.replace("// The recipe.\n", body), "utf-8")
    (work / "Recipes.csproj").write_text(
        f"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <Nullable>enable</Nullable>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="{ROOT}/bindings/csharp/Diyalog/Diyalog.csproj" />
  </ItemGroup>
</Project>
"""
    )
    build = ["dotnet", "build", "-nologo", "-v", "quiet", "-o", "bin", "Recipes.csproj"]
    built = subprocess.run(build, cwd=work, text=True, stdout=subprocess.PIPE)
    if built.returncode != 0:
        sys.exit(f"FAILED: {PAGE.name}: {built.stdout}")
    return ["dotnet", "bin/Recipes.dll"]


def parsed(response: str) -> Any:
    """The page's JSON. "…" is any value, and as a name any further fields."""
    return json.loads(response.replace(", …}", ', "…": "…"}').replace(": …", ': "…"'))


def matches(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict) and isinstance(found, dict):
        names = expected.keys() - {"…"}
        is_whole = "…" in expected or names == found.keys()
        return is_whole and names <= found.keys() and all(matches(expected[name], found[name]) for name in names)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(matches, expected, found))
    return expected == "…" or (type(expected) is type(found) and expected == found)


def fault(language: str, recipe: str, expected: Any, output: str) -> str | None:
    """What is wrong with the output of a recipe. In Python and C# it is the fields that the recipe names."""
    if language == "c":
        try:
            is_right = matches(expected, json.loads(output))
        except ValueError:
            is_right = False
    else:
        row = expected[0] if isinstance(expected, list) else expected
        fields = re.findall(r'answer(?:\[0\])?(?:\.GetProperty\(|\[)"(\w+)"', recipe)
        found = output.split(maxsplit=len(fields) - 1)
        is_right = len(found) == len(fields) and all(
            row[field] == "…" or str(row[field]) == text.strip() for field, text in zip(fields, found)
        )
    return None if is_right else f"prints\n{output}and not\n{expected}"


def main() -> None:
    shipped, language = Path(sys.argv[1]).resolve(), sys.argv[2]
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    frame, *recipes = [body for name, body in blocks if name == language]
    responses = [body.strip() for name, body in blocks if name == "json"]
    if not recipes or len(recipes) != len(responses):
        sys.exit(f"FAILED: {len(recipes)} recipes in {language} for {len(responses)} responses")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        command = {"c": c, "python": python, "csharp": csharp}[language](frame, recipes, shipped, work)
        environment = {**os.environ, "DIYALOG_LIBRARY": str(shipped / "libdiyalog.so")}
        done = subprocess.run(command, cwd=work, env=environment, text=True, stdout=subprocess.PIPE)
    outputs = done.stdout.split(f"{MARK}\n")[1:]
    for recipe, response, output in zip(recipes, responses, outputs):
        if wrong := fault(language, recipe, parsed(response), output):
            sys.exit(f"FAILED: {PAGE.name}: the recipe\n{recipe}{wrong}")
    if done.returncode != 0 or len(outputs) != len(recipes):
        sys.exit(f"FAILED: {PAGE.name}: the {language} recipes end with {done.returncode} after {len(outputs)}")
    print(f"{len(recipes)} passed: the {language} recipes of {PAGE.name}")


main()
