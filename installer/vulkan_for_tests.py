"""Runs the tests that need a GPU, on Vulkan's software driver; standard library only, Linux only.

Usage: python3 installer/vulkan_for_tests.py [pytest's arguments]

Builds ggml's plug-in for Vulkan once, from the locked source of llama-cpp-python, and keeps it in the cache;
makes build/vulkan, an installation like .venv whose llama.cpp has the plug-in beside its libraries; and runs
tests/models/test_vulkan.py there. .venv stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import bootstrap

TESTS = "tests/models/test_vulkan.py"
PLUG_IN = "libggml-vulkan.so"
MISSING = 69
"""Exit code where something is not here that this needs (EX_UNAVAILABLE of sysexits.h)."""

SHIM = bootstrap.ROOT / "installer" / "vulkan"
OPTIONS = (
    *("-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DLLAVA_BUILD=OFF", "-DGGML_CCACHE=OFF"),
    *("-DGGML_BACKEND_DL=ON", "-DGGML_NATIVE=OFF", "-DGGML_VULKAN=ON"),
    *("-DGGML_CPU=OFF", "-DGGML_CUDA=OFF", "-DGGML_OPENMP=OFF"),
    *("-DCMAKE_C_FLAGS_RELEASE=-O1 -DNDEBUG", "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG"),
)
"""A plug-in alone, without the processor's part. Built quickly: it is the driver that computes."""

PACKAGES = ("g++", "glslc", "libvulkan-dev", "spirv-headers", "mesa-vulkan-drivers")
"""Debian's, of what a build and a run need."""

PLACES = (Path("/usr"), Path("/usr/local"), Path("/etc"))


class Missing(bootstrap.Stop):
    """Something is not here that only the system's packages bring."""


def main(arguments: list[str]) -> int:
    """The exit code: pytest's, 1 if something broke before, MISSING."""
    try:
        python = with_vulkan()
    except bootstrap.Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return MISSING if isinstance(stop, Missing) else 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; run the same command again to begin anew.\n")
        return 130
    command = [str(python), "-m", "pytest", "-rs", TESTS, *arguments]
    return subprocess.run(command, cwd=bootstrap.ROOT, check=False).returncode


def with_vulkan() -> Path:
    """The interpreter of an installation that has it: .venv's where that was built so. Raises Stop."""
    if not sys.platform.startswith("linux"):
        raise Missing("Vulkan's software driver is for Linux.", "Run this on Linux.")
    if not bootstrap.read_stamp().get("tests"):
        raise bootstrap.Stop(
            "Pincite is not installed with its tests.", "Run: python3 installer/bootstrap.py test"
        )
    need("mesa-vulkan-drivers")
    python = bootstrap.venv_python()
    if (libraries(python) / "llama_cpp" / "lib" / PLUG_IN).is_file():
        return python
    return installation(plug_in(), bootstrap.ROOT / "build" / "vulkan")


def plug_in() -> Path:
    """Built once. Raises Stop."""
    folder = bootstrap.cache_folder() / "plug-ins" / f"vulkan-{key()}"
    if not (folder / PLUG_IN).is_file():
        need(*PACKAGES)
        build(folder)
    return folder / PLUG_IN


def lacking(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these packages that have not brought what they bring, nor has anything else."""
    sdk = Path(os.environ.get("VULKAN_SDK", "/usr"))
    there = {
        "g++": any(shutil.which(name) for name in ("c++", "g++", "clang++")),
        "glslc": shutil.which("glslc") is not None,
        "libvulkan-dev": any((place / "include/vulkan/vulkan.hpp").is_file() for place in (*PLACES, sdk)),
        "spirv-headers": any(
            (place / "include/spirv/unified1/spirv.hpp").is_file() for place in (*PLACES, sdk)
        ),
        "mesa-vulkan-drivers": any(
            list(place.glob(f"{folder}vulkan/icd.d/lvp_icd*.json"))
            for place in PLACES
            for folder in ("", "share/")
        ),
    }
    return tuple(package for package in packages if not there[package])


def need(*packages: str) -> None:
    """Installed from the system's packages where that may be. Raises Missing."""
    missing = lacking(packages)
    if not missing or (bootstrap.apt_install(*missing) and not lacking(packages)):
        return
    names = " ".join(missing)
    raise Missing(f"Tests on Vulkan need what Debian calls {names}.", f"Run: sudo apt-get install -y {names}")


def key() -> str:
    """What the plug-in depends on: source, options, machine, and what is added to old headers."""
    facts = (bootstrap.LOCKS / bootstrap.LLAMA).read_text(encoding="utf-8")
    facts += " ".join(OPTIONS) + platform.machine() + str(bootstrap.old_vulkan_headers())
    facts += "".join(file.read_text(encoding="utf-8") for file in sorted(SHIM.rglob("*.hpp")))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def build(folder: Path) -> None:
    """The plug-in and the log of its build; nothing else of it stays. Raises Stop."""
    began = time.monotonic()
    bootstrap.say("Building llama.cpp's plug-in for Vulkan: about five minutes on two cores, once.")
    scratch = folder.with_name(folder.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    log = scratch / "build.log"
    run(log, *source_command(scratch))
    (archive,) = scratch.glob("llama_cpp_python-*.tar.gz")
    shutil.unpack_archive(archive, scratch)
    shim = (f"-DVulkan_INCLUDE_DIR={SHIM}",) if bootstrap.old_vulkan_headers() else ()
    source, made = scratch / archive.name.removesuffix(".tar.gz"), scratch / "made"
    run(log, "cmake", "-S", str(source), "-B", str(made), *OPTIONS, *shim)
    run(log, "cmake", "--build", str(made), "--target", "ggml-vulkan")
    built = made / "bin" / PLUG_IN
    if not built.is_file():
        raise not_built(log)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log.replace(folder / log.name)
    built.replace(folder / PLUG_IN)  # last: a folder that has it is whole
    shutil.rmtree(scratch)
    bootstrap.say(f"Built in {(time.monotonic() - began) / 60:.1f} minutes.")


def source_command(folder: Path) -> tuple[str, ...]:
    """pip's: the source of exactly the locked version, from its cache if it is there."""
    return (
        *(str(bootstrap.venv_python()), "-m", "pip", "--disable-pip-version-check", "download"),
        *("--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes"),
        *("-r", str(bootstrap.LOCKS / bootstrap.LLAMA), "-d", str(folder)),
    )


def run(log: Path, *command: str) -> None:
    """One step of the build, with CMake and ninja of the locks. Raises Stop, naming the log."""
    path = f"{bootstrap.venv_python().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    cores = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
    environment = {**os.environ, "PATH": path, "CMAKE_BUILD_PARALLEL_LEVEL": cores}
    with log.open("ab") as out:
        try:
            done = subprocess.run(
                command, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False
            ).returncode
        except OSError as error:
            out.write(f"{error}\n".encode())
            done = 1
    if done:
        raise not_built(log)


def not_built(log: Path) -> bootstrap.Stop:
    """What there is to say of a build that failed."""
    return bootstrap.Stop(
        "The plug-in for Vulkan could not be built.", f"The reason stands at the end of {log}."
    )


def installation(plug_in: Path, folder: Path) -> Path:
    """The interpreter of an environment that has all that .venv has, and a llama.cpp with the plug-in.

    It lies beside llama.cpp's libraries, as a package of its own would lay it there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run(
        [bootstrap.venv_python(), "-m", "venv", "--without-pip", folder], capture_output=True, check=False
    )
    if made.returncode:
        raise bootstrap.Stop(f"The environment {folder} could not be made.", "Is there room on the disk?")
    python = folder / "bin" / "python"
    held, own = libraries(bootstrap.venv_python()), libraries(python)
    # its own come first; what .venv has as links (.pth) is found as well
    (own / "all_of_venv.pth").write_text(f"import site; site.addsitedir({str(held)!r})\n", encoding="utf-8")
    shutil.copytree(held / "llama_cpp", own / "llama_cpp")
    shutil.copy2(plug_in, own / "llama_cpp" / "lib" / PLUG_IN)
    return python


def libraries(python: Path) -> Path:
    """Where an interpreter has its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
