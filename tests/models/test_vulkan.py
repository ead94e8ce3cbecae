"""With layers on a GPU the answers are the processor's; where a driver fails, the processor answers.

On Mesa's software driver, through Vulkan's real loader: ``installer/vulkan_for_tests.py`` runs this in an
installation with the plug-in. Whatever loads a driver here is a child, as it is in Pincite.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.backends import _PROBE, built_in, library_folder, probe
from models.gguf import read_gguf
from models.machine import this_machine
from models.replanning import plan_here
from models.run_plan import GPU_SPARE, planned
from models.run_record import RunRecord
from tests.conftest import ROOT
from tests.models.gguf_made import tiny_llama
from tests.models.on_gpu import OPTIONS, SHA256

pytestmark = pytest.mark.skipif(
    "vulkan" not in built_in(library_folder()),
    reason="this llama.cpp has no Vulkan; installer/vulkan_for_tests.py makes one that has",
)

SOURCES = Path(__file__).parent / "vulkan"
NAME = "llvmpipe"
LAYERS = 4
ALL = LAYERS + 1
"""As llama.cpp counts them, with the output."""

MOST_OFF = 0.1
"""How far a word's log-probability may be from the processor's; a tiny model's words are single letters."""

MOST_OFF_IN_BITS = 0.5
"""The same where weights are quantised: the processor rounds what it multiplies with them to eight bits."""

SUBMITS = 40
"""Enough to load a model and to begin to read."""


@pytest.fixture(scope="module")
def driver() -> Path:
    """Mesa's, that computes on the processor."""
    folders = (Path(root) / "vulkan/icd.d" for root in ("/usr/share", "/usr/local/share", "/etc"))
    found = [file for folder in folders for file in folder.glob("lvp_icd*.json")]
    if not found:
        pytest.fail("Mesa's software driver is not installed (Debian: mesa-vulkan-drivers)")
    return found[0]


@pytest.fixture
def only(driver: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No other driver is seen; nothing says that a software driver may be used."""
    use(driver, monkeypatch)
    for name in ("GGML_VK_VISIBLE_DEVICES", "GGML_DISABLE_VULKAN", "VK_INSTANCE_LAYERS"):
        monkeypatch.delenv(name, raising=False)
    return driver


@pytest.fixture
def vulkan(only: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ggml takes the software driver's device because it is told to.

    Without fused operations: Mesa 22.3 crashes in them, as soon as two tokens are read at once.
    """
    monkeypatch.setenv("GGML_VK_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("GGML_VK_DISABLE_FUSION", "1")
    return only


def use(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):  # the second is what older loaders read
        monkeypatch.setenv(name, str(driver))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(layers=LAYERS).write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By llama.cpp itself, with the kinds of weights that the catalog's models have: Q4_K and Q6_K."""
    import llama_cpp

    folder = tmp_path_factory.mktemp("quantised")
    wide, file = tiny_llama(layers=LAYERS, width=256).write(folder / "wide.gguf"), folder / "quantised.gguf"
    how: Any = llama_cpp.llama_model_quantize_default_params()
    how.ftype, how.nthread = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M, 1
    assert llama_cpp.llama_model_quantize(str(wide).encode(), str(file).encode(), ctypes.byref(how)) == 0
    return file


def child(*words: str | Path, python: str | Path = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


def answered(file: Path, folder: Path, layers: str) -> dict[str, Any]:
    done = child("tests.models.on_gpu", file, folder, layers)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def on_processor(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, Any]]:
    """What a model answers there; asked once."""
    return cache(lambda file: answered(file, tmp_path_factory.mktemp("processor"), "none"))


# what is found


def test_the_driver_is_found_in_a_child_with_its_memory(vulkan: Path) -> None:
    found = probe("vulkan")
    (device,) = found.devices
    assert (found.state, found.name, found.reason) == ("works", "Vulkan", "")
    assert device.name.startswith(NAME)
    assert GPU_SPARE < device.free <= device.total
    assert not device.shared_memory


def test_a_software_driver_is_never_chosen_by_itself(only: Path, tiny: Path) -> None:
    found = probe("vulkan")
    assert (found.state, found.devices) == ("no-device", ())
    plan = plan_here(tiny, "tiny")
    assert (plan.gpu_layers, plan.hidden) == (0, ("vulkan",))
    assert plan.sentence.endswith("no GPU is used because Vulkan is built in, but it finds no device.")


# what is broken


def made(folder: Path, source: str, *options: str) -> Path:
    file = folder / f"lib{source}.so"
    command = ["cc", "-shared", "-fPIC", "-O1", *options, "-o", file, SOURCES / f"{source}.c"]
    subprocess.run(command, check=True)
    return file


def manifest(folder: Path, library: Path) -> Path:
    """What Vulkan's loader reads of a driver."""
    file = folder / "driver.json"
    facts = {"library_path": str(library), "api_version": "1.3.0"}
    file.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": facts}))
    return file


def test_a_driver_that_crashes_leaves_the_processor_to_answer(
    vulkan: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(manifest(tmp_path, made(tmp_path, "driver", "-DHOW=abort")), monkeypatch)
    assert probe("vulkan").reason == "its driver ended the process that tried it (-6)"
    told = answered(tiny, tmp_path, "planned")
    assert told["plan"]["gpu_layers"] == 0
    assert told["plan"]["sentence"].endswith(
        "; no GPU is used because Vulkan is built in, but its driver ended the process that tried it (-6)."
    )


def test_a_driver_that_hangs_is_ended_and_left_alone(
    vulkan: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(manifest(tmp_path, made(tmp_path, "driver", "-DHOW=pause")), monkeypatch)
    seen = this_machine(lambda key: probe(key, seconds=4))
    assert [(one.state, one.reason) for one in seen.back_ends] == [
        ("timed-out", "its driver did not answer within 4 seconds")
    ]
    assert planned(read_gguf(tiny), "tiny", seen).hidden == ("vulkan",)


@pytest.mark.parametrize("said", ["", "{", json.dumps({"ICD": {"library_path": "none.so"}})])
def test_a_driver_that_is_none_is_no_device(
    vulkan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    file = tmp_path / "driver.json"
    file.write_text(said)
    use(file, monkeypatch)
    assert probe("vulkan").state == "no-device"


def other_installation(folder: Path, plug_in: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The interpreter of one whose plug-in is this file."""
    monkeypatch.syspath_prepend(ROOT / "installer")
    import vulkan_for_tests

    file = folder / "plug_in.so"
    file.write_bytes(plug_in)
    return vulkan_for_tests.installation(file, folder / "installation")


is_plug_in = pytest.mark.skipif(
    ((library_folder() or Path()) / "libggml-vulkan.so.0").exists(),
    reason="this llama.cpp has Vulkan inside",
)


def plug_in_here() -> bytes:
    folder = library_folder()
    assert folder is not None
    return (folder / "libggml-vulkan.so").read_bytes()


@is_plug_in
def test_a_plug_in_that_cannot_be_loaded_is_said_with_the_reason(
    vulkan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = other_installation(tmp_path, b"no library", monkeypatch)
    found = probe("vulkan", (str(python), *_PROBE[1:]))
    assert found.state == "broken"
    assert found.reason.startswith("its library cannot be loaded (")
    assert "libggml-vulkan.so" in found.reason


@is_plug_in
def test_half_a_plug_in_breaks_no_more_than_the_child_that_tries_it(
    vulkan: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = plug_in_here()
    python = other_installation(tmp_path, whole[: len(whole) // 2], monkeypatch)
    assert probe("vulkan", (str(python), *_PROBE[1:])).state == "broken"
    done = child("tests.models.on_gpu", tiny, tmp_path, "planned", python=python)
    assert done.returncode == 0, done.stderr[-3000:]
    plan = json.loads(done.stdout)["plan"]
    assert plan["gpu_layers"] == 0
    assert "no GPU is used because Vulkan is built in, but its " in plan["sentence"]


# what is planned


def faults(folder: Path, monkeypatch: pytest.MonkeyPatch, **bounds: int) -> None:
    """From now on Vulkan's loader puts a layer before the driver in which things go wrong."""
    name = "VK_LAYER_PINCITE_faults"
    facts = {
        "name": name, "type": "GLOBAL", "library_path": str(made(folder, "faults")), "api_version": "1.3.0",
        "implementation_version": "1", "description": "lets things go wrong",
    }  # fmt: skip
    (folder / "faults.json").write_text(json.dumps({"file_format_version": "1.1.2", "layer": facts}))
    monkeypatch.setenv("VK_LAYER_PATH", str(folder))
    monkeypatch.setenv("VK_INSTANCE_LAYERS", name)
    for bound, figure in bounds.items():
        monkeypatch.setenv(f"FAULTS_{bound.upper()}", str(figure))


def test_all_layers_go_there_where_all_fit_and_the_command_says_so(
    vulkan: Path, home: Path, tiny: Path
) -> None:
    assert child("app", "models", "import", tiny, "--as", "tiny").returncode == 0
    done = child("app", "models", "plan", "tiny", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["sentence"].startswith(f"tiny runs on Vulkan ({NAME}")
    assert f"), all {ALL} layers, with a context of 4,096; it takes 0." in plan["sentence"]
    assert plan["sentence"].endswith(" GB on the card.")


def test_where_the_device_has_less_the_last_layers_go_there(
    vulkan: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = read_gguf(tiny)
    whole = planned(model, "tiny", this_machine())
    layer = model.layer_bytes[0] + model.layer_memory(0, whole.context, whole.sequences, 16)
    faults(tmp_path, monkeypatch, heap=GPU_SPARE + whole.need.buffers + model.output_bytes + 5 * layer // 2)
    told = answered(tiny, tmp_path, "planned")
    assert told["offloaded"] == [[3, ALL]]
    assert f"), 3 of {ALL} layers, the others on the processor" in told["plan"]["sentence"]


# what is answered


def log_probabilities(told: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of all words after each word of a text; shape (words of the text, words of the vocabulary)."""
    rows = np.asarray(told["rows"], dtype=np.float64)
    rows -= rows.max(axis=1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))


def assert_same_answers(gpu: Mapping[str, Any], processor: Mapping[str, Any], most: float = MOST_OFF) -> None:
    longest = max(map(len, OPTIONS))
    for kind in ("together", "alone"):
        ours, theirs = np.asarray(gpu[kind]), np.asarray(processor[kind])
        assert np.abs(ours - theirs).max() < most * longest
        assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
    ours, theirs = log_probabilities(gpu), log_probabilities(processor)
    assert np.abs(ours - theirs).max() < most
    best = np.take_along_axis(theirs, ours.argmax(axis=1, keepdims=True), axis=1)
    assert (theirs.max(axis=1, keepdims=True) - best < most).all()
    assert gpu["written"] == processor["written"]


@pytest.mark.parametrize("layers", [ALL, 2])
def test_a_model_answers_there_as_on_the_processor_whatever_was_asked_before(
    vulkan: Path,
    tiny: Path,
    on_processor: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
    layers: int,
) -> None:
    gpu, processor = answered(tiny, tmp_path, str(layers)), on_processor(tiny)
    assert (gpu["plan"]["back_end"], gpu["offloaded"]) == ("Vulkan", [[layers, ALL]])
    assert (processor["plan"]["back_end"], processor["offloaded"]) == ("", [])
    assert_same_answers(gpu, processor)
    assert gpu["again"]
    assert np.asarray(gpu["alone"]) == pytest.approx(np.asarray(gpu["together"])[::4], abs=MOST_OFF)


def test_weights_of_four_and_six_bits_answer_there_as_on_the_processor(
    vulkan: Path, quantised: Path, on_processor: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    gpu = answered(quantised, tmp_path, "planned")
    assert gpu["offloaded"] == [[ALL, ALL]]
    assert_same_answers(gpu, on_processor(quantised), most=MOST_OFF_IN_BITS)


# what does not hold


def test_a_device_that_has_no_memory_at_all_leaves_the_processor_to_answer(
    vulkan: Path,
    tiny: Path,
    on_processor: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults(tmp_path, monkeypatch, memory=0)
    told = answered(tiny, tmp_path / "none", "planned")
    assert told["plan"]["gpu_layers"] == 0
    assert "; no GPU is used because Vulkan ran out of memory; this is plan " in told["plan"]["sentence"]
    assert told["together"] == on_processor(tiny)["together"]


def test_a_device_that_is_lost_costs_one_process_and_the_next_leaves_it_alone(
    vulkan: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(tmp_path, monkeypatch, submits=SUBMITS)
    lost = child("tests.models.on_gpu", tiny, tmp_path / "runs", "planned")
    assert lost.returncode < 0
    (known,) = RunRecord(tmp_path / "runs", SHA256).failures()
    assert (known.cause, known.plan.gpu_layers) == ("died", ALL)
    told = answered(tiny, tmp_path / "runs", "planned")
    assert told["plan"]["gpu_layers"] == 0
    assert told["plan"]["hidden"] == ["vulkan"]
    assert told["plan"]["sentence"].endswith(
        "; no GPU is used because the engine ended while Vulkan was used; this is plan 2, since the first "
        f"(Vulkan with all {ALL} layers, a context of 4,096) ended the engine."
    )
