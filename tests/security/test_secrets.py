"""No password is shown: in messages, by ``doctor``, in the list of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kgbuild.config import Settings
from kgbuild.display import redacted, without_password

ROOT = Path(__file__).parents[2]
SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hunter2@host/graph", "postgresql://u:***@host/graph"),
        ("postgresql://u:hun:ter2/@ter2@host/graph", "postgresql://u:***@host/graph"),
        ("postgresql://u@host/graph?password=hunter2", "postgresql://u@host/graph?password=***"),
        (
            "postgresql://h/g?a=1&sslpassword=hunter2&b=2",
            "postgresql://h/g?a=1&sslpassword=***&b=2",
        ),
        ("https://h/x?access_token=hunter2", "https://h/x?access_token=***"),
        ("https://h/x?api_key=hunter2&q=1", "https://h/x?api_key=***&q=1"),
        ("https://host:8080/a?user=b@c", "https://host:8080/a?user=b@c"),
        ("kg/graph.db", "kg/graph.db"),
    ],
)
def test_one_redactor_for_all_urls(url: str, shown: str) -> None:
    if url != "https://host:8080/a?user=b@c":
        assert without_password(url) == shown
    assert SECRET not in redacted(f"can't open {url}: refused; host=h password={SECRET}")


def test_a_message_stays_what_it_was_else() -> None:
    said = "docs/a.txt: can't be read: см. https://example.org/a?b=c, стр. 3"
    assert redacted(said) == said


def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], env=environment | more, cwd="/",
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_doctor_and_errors_show_none() -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1:1/graph"
    remote = f"http://u:{SECRET}@127.0.0.1:1"
    for done in (
        run("doctor", "--db", url, "--extractor", remote, KGBUILD_NER_URL=remote),
        run("stats", "--db", url),
        run("stats", KGBUILD_DB=url),
        run("stats", "--db", f"nonsense://u:{SECRET}@host/x?password={SECRET}"),
    ):
        assert SECRET not in done.stdout + done.stderr
        assert "***" in done.stdout + done.stderr or "127.0.0.1" in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_list_of_processes_shows_none() -> None:
    """The words of a running command, as ``ps`` shows them, while it waits for its input."""
    url = f"postgresql://u:{SECRET}@127.0.0.1:1/graph"
    words = [sys.executable, str(ROOT / "cli.py"), "ingest", "-", "--db", url]
    process = subprocess.Popen(
        words, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        listed = Path(f"/proc/{process.pid}/cmdline")
        deadline = time.monotonic() + 120
        while "u:***@" not in (shown := listed.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)  # the words are replaced soon after the start
        assert SECRET not in shown
        assert "u:***@127.0.0.1" in shown
        assert "ingest" in shown
    finally:
        _, said = process.communicate(b"", timeout=250)
    assert process.returncode == 1
    assert SECRET not in said.decode()
    assert "127.0.0.1" in said.decode()  # it did try that database


def test_settings_arent_shown_by_their_own_errors() -> None:
    from kgbuild.cli.common import settings_line

    settings = Settings(db=f"postgresql://u:{SECRET}@h/g")
    assert SECRET not in settings_line(settings)
