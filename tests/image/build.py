"""``python -m image.build``: the Dockerfile's steps without an engine.

Each stage becomes a folder of a new temporary folder, and the steps run there in order as
this user, with this Python: COPY copies what Git holds, RUN runs, paths of the image (/opt,
/src, /build, /graph) read as paths of that folder. What makes the image's user needs root and
is left out. Then the service starts as CMD says, without a token and with one, and the health
check's own command asks after it. ``--torch-index`` is where torch comes from instead.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from image.dockerfile import Instruction, Stage, read
from serve.running import free_port

ROOT = Path(__file__).parents[2]
_INSIDE = re.compile(r"(?<![\w.:/])/(?=(opt|src|build|graph)\b)")
_PORT, _TOKEN = "8765", "a-token-of-this-check-only"


class Image:
    """The stages' folders, the variables, and where the next step runs."""

    def __init__(self, folder: Path, torch_index: str | None) -> None:
        self._folder, self._torch_index = folder, torch_index
        self._sources = folder / "context"
        self.root, self.variables, self.work = folder, dict[str, str](), folder

    def prepare(self) -> None:
        """Take what Git holds: the context as a clean checkout has it."""
        self._sources.mkdir()
        archive = subprocess.run(
            ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", self._sources], input=archive.stdout, check=True)

    def stage(self, stage: Stage) -> None:
        """Carry out a stage."""
        self.root = self.work = self._folder / stage.name
        self.root.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KGBUILD_", "PYTHON"))}
        python = Path(sys.executable).resolve().parent
        self.variables = kept | {"PATH": f"{python}:{os.environ['PATH']}"}
        for instruction in stage.instructions:
            print(f"[{stage.name}] {instruction.word} {instruction.rest[:90]}", flush=True)
            self._carry_out(instruction)

    def inside(self, text: str) -> str:
        """A text with the image's paths as paths of the stage's folder."""
        return _INSIDE.sub(f"{self.root}/", text)

    def _carry_out(self, instruction: Instruction) -> None:
        match instruction.word:
            case "WORKDIR":
                self.work = Path(self.inside(instruction.rest))
                self.work.mkdir(parents=True, exist_ok=True)
            case "ARG":
                name, _, value = instruction.rest.partition("=")
                self.variables[name] = value
            case "ENV":
                for pair in instruction.words:
                    name, _, value = pair.partition("=")
                    path = self.variables["PATH"]
                    self.variables[name] = self.inside(value).replace("$PATH", path)
            case "COPY":
                self._copy(instruction)
            case "RUN":
                self._run(instruction.rest)

    def _copy(self, instruction: Instruction) -> None:
        *sources, target = instruction.words
        stage = instruction.flag("from")
        into = Path(self.inside(target)) if target.startswith("/") else self.work / target
        for source in sources:
            found = self._folder / stage / source.lstrip("/") if stage else self._sources / source
            if found.is_dir():
                shutil.copytree(found, into, symlinks=True, dirs_exist_ok=True)
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, into)
        if stage:
            self._relocate(into, self._folder / stage)

    def _relocate(self, folder: Path, old: Path) -> None:
        """Let scripts name the folder where they are now: in an image it is the same path."""
        for path in (*folder.glob("bin/*"), *folder.glob("pyvenv.cfg")):
            if path.is_symlink() or str(old).encode() not in (content := path.read_bytes()):
                continue
            path.write_bytes(content.replace(str(old).encode(), str(self.root).encode()))

    def _run(self, command: str) -> None:
        if "useradd" in command:
            print("    left out: makes the image's user, which needs root")
            (self.root / "graph").mkdir()
            return
        if "$TORCH_INDEX" in command:
            command = self._torch(command)
        subprocess.run(
            self.inside(command), shell=True, cwd=self.work, env=self.variables, check=True
        )

    def _torch(self, command: str) -> str:
        if self._torch_index is None:
            return command
        print(f"    torch comes from {self._torch_index or 'the index pip is set to'}")
        given = f'--index-url "{self._torch_index}"' if self._torch_index else ""
        return command.replace('--index-url "$TORCH_INDEX"', given)


def start(image: Image, stage: Stage, port: int, token: str | None) -> subprocess.Popen[bytes]:
    """The service as CMD starts it, at another port; its models can only be read."""
    more = {} if token is None else {"KGBUILD_TOKEN": token}
    words = [*stage.last("CMD").words, "--port", str(port)]
    return subprocess.Popen(
        words, cwd=image.work, env=image.variables | more, stderr=subprocess.PIPE
    )


def healthy(image: Image, stage: Stage, port: int) -> bool:
    """What the health check's own command says."""
    command = stage.last("HEALTHCHECK").rest.removeprefix("CMD").strip()
    words = Instruction("CMD", (), command.replace(_PORT, str(port))).words
    done = subprocess.run(words, env=image.variables, capture_output=True, check=False)
    return done.returncode == 0


def check_service(image: Image, stage: Stage) -> None:
    """No token is refused in words; with one the service gets ready and asks for it."""
    for path in (image.root / "opt" / "models").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    port = free_port()
    _, said = start(image, stage, port, None).communicate(timeout=300)
    print("without a token:", said.decode().strip())
    assert b"give a token" in said
    assert not healthy(image, stage, port)
    began = time.monotonic()
    service = start(image, stage, port, _TOKEN)
    try:
        while not healthy(image, stage, port):
            assert service.poll() is None, service.stderr and service.stderr.read().decode()
            time.sleep(0.5)
        print(f"ready after {time.monotonic() - began:.1f} s, by the health check's command")
        print("with a token:", _status(port, _TOKEN), "  without:", _status(port, "another"))
        assert (_status(port, _TOKEN), _status(port, "another")) == (200, 401)
        service.terminate()
        print("ended by SIGTERM with", service.wait(60))
    finally:
        service.kill()


def _status(port: int, token: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/stats", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch-index", metavar="URL", help="'' is the index that pip is set to")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kgbuild-image-") as folder:
        image = Image(Path(folder), given.torch_index)
        image.prepare()
        *before, last = read(ROOT / "Dockerfile")
        for stage in (*before, last):
            image.stage(stage)
        size = sum(p.lstat().st_size for p in image.root.rglob("*")) / 1e6
        print(f"the last stage adds {size:.0f} MB to its base")
        check_service(image, last)


if __name__ == "__main__":
    main()
