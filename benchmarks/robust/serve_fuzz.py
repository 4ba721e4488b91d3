"""Schemathesis over the whole OpenAPI of a running service: no server error, no other shape.

    pip install schemathesis
    python benchmarks/robust/serve_fuzz.py --examples 60

The service of the embedded models runs over a graph of three sample documents, so that
reading finds something. What is checked: no 5xx, and status, content type and schema of each
answer as OpenAPI describes them. The exit code is schemathesis's.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.answers.serve_load import DOCS, ROOT, free_port, start

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=60, help="examples an operation")
    args = parser.parse_args()
    tool = Path(sys.executable).parent / "schemathesis"
    with tempfile.TemporaryDirectory(prefix="kgbuild-fuzz-") as folder:
        store = Path(folder) / "kg"
        some = sorted(DOCS.glob("*.txt"))[:3]
        ingest = [sys.executable, str(ROOT / "cli.py"), "ingest", *map(str, some)]
        subprocess.run([*ingest, "--store", str(store)], check=True)
        port = free_port()
        process = start(store, port)
        try:
            code = subprocess.run(
                [str(tool), "run", f"http://127.0.0.1:{port}/openapi.json", "--checks", CHECKS,
                 "--max-examples", str(args.examples), "--suppress-health-check", "all",
                 "--warnings", "off", "--no-color"],
                cwd=folder, check=False,
            ).returncode  # fmt: skip
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            log = (store.parent / "service.log").read_text("utf-8")
            print(f"unexpected errors in the service's log: {log.count('Traceback')}")
    sys.exit(code)


if __name__ == "__main__":
    main()
