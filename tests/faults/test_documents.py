"""Without this: a crash or a full disk leaves documents that never end, or are found twice or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.documents import pdf
from tests.faults import library
from tests.faults.studio import Studio

pytestmark = pytest.mark.slow

DOCUMENTS = int(os.environ.get("FAULT_DOCUMENTS", "30"))
"""With 100 the kills take two minutes: docs/benchmarks.md says how that went."""
FILES = int(os.environ.get("FAULT_FILES", "50"))
"""10,000 take three quarters of an hour: docs/benchmarks.md says how that went."""
PAGES = 500
MOST_MEMORY = 1_200_000_000
STEPS = ("parsing", "splitting", "embedding", "indexing")


@pytest.fixture(params=["with the database", "database elsewhere"])
def on_small_disk(request: pytest.FixtureRequest) -> Iterator[Studio]:
    """A studio on a file system of its own, which is soon full; with its database, or all but that."""
    folder, elsewhere = (Path(tempfile.mkdtemp(prefix="fl-")) for _ in range(2))
    size = f"size={150 + 2 * DOCUMENTS}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("a small disk can be mounted by root only")
    url = f"sqlite:///{elsewhere}/flowloft.sqlite3" if request.param == "database elsewhere" else ""
    made = Studio(folder, {}, database_url=url)
    try:
        made.start_web()
        yield made
    finally:
        made.close()
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
        shutil.rmtree(elsewhere)


def test_a_worker_killed_at_each_step_loses_no_chunk_and_makes_none_twice(here: Studio) -> None:
    knowledge = library.base(here, "papers")
    library.fill(here, knowledge, DOCUMENTS)
    for step in STEPS:
        here.start_workers(step)
        library.kill_in(here, step, step)
        assert not library.is_over(here, knowledge), "the worker was too quick to be killed"

    here.start_workers("last")

    here.wait(lambda: library.is_over(here, knowledge), "not every document ended", 240)
    library.is_whole(here, knowledge, DOCUMENTS)
    rows = here.http.get(f"/knowledge/{knowledge}/documents", params={"limit": 500}).json()["results"]
    assert {row["attempt"] for row in rows} == {1}, "who is ready starts anew next time"


def test_a_worker_killed_while_a_model_writes_has_each_passage_written_for_once(here: Studio) -> None:
    made = {"name": "keywords", "transform": "keywords", "parent": "default"}
    knowledge = library.base(here, "keywords", made)
    library.fill(here, knowledge, 2, parts=2)
    here.start_workers("transforming")
    library.kill_in(here, "transforming", "transforming")
    assert not library.is_over(here, knowledge), "the worker was too quick to be killed"

    here.start_workers("last")

    here.wait(lambda: library.is_over(here, knowledge), "not every document ended", 240)
    library.is_whole(here, knowledge, 2, parts=2)
    above = [chunk["id"] for chunk in library.all_chunks(here, knowledge)]
    written = [chunk["parent"] for chunk in library.all_chunks(here, knowledge, "keywords")]
    assert sorted(written) == sorted(above)


def test_the_vector_store_killed_while_documents_come_in_and_while_they_are_searched(here: Studio) -> None:
    knowledge = library.base(here, "papers")
    here.start_workers("a")
    library.fill(here, knowledge, DOCUMENTS)
    for _ in range(2):
        here.wait(lambda: "indexing" in library.states(here, knowledge), "nothing is indexed", 60)
        _kill_chroma(here)

    here.wait(lambda: library.is_over(here, knowledge), "not every document ended", 240)

    library.is_whole(here, knowledge, DOCUMENTS)
    _kill_chroma(here)
    library.is_whole(here, knowledge, DOCUMENTS)


def _kill_chroma(studio: Studio) -> None:
    """Kills the server of the vectors, as a lack of memory would; nobody else's."""
    studio.wait(lambda: _chroma(studio), "the vector store does not run", 60)
    for pid in _chroma(studio):
        os.kill(pid, signal.SIGKILL)


def _chroma(studio: Studio) -> list[int]:
    place = str(studio.environment.data / "knowledge" / "chroma").encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if any(word.startswith(place) for word in command) and b"run" in command:
            found.append(int(entry.name))
    return found


def test_many_small_files_and_a_long_pdf_are_whole_and_need_little_memory(
    here: Studio, tmp_path: Path
) -> None:
    small, long = library.base(here, "small"), library.base(here, "long")
    # Not in the margin, where texts that count on with the pages are page numbers.
    pages = [[(60.0, 400.0, 11.0, f"Here stands {library.mark(0, page)} alone.")] for page in range(PAGES)]
    content = pdf(tmp_path / "long.pdf", pages).read_bytes()
    here.start_workers("a")
    assert library.add(here, long, "long.pdf", content).status_code == 201
    library.fill(here, small, FILES, parts=1)

    for knowledge in (long, small):
        here.wait(lambda of=knowledge: library.is_over(here, of), "not every document ended", 60 + FILES)

    library.is_whole(here, long, 1, parts=PAGES)
    library.is_whole(here, small, FILES, parts=1)
    worker = here.children["a"].process
    assert worker is not None
    assert _most_memory(worker.pid) < MOST_MEMORY


def _most_memory(pid: int) -> int:
    """Returns the most bytes that a process and those it started had at any time."""
    own = Path(f"/proc/{pid}")
    peak = int((own / "status").read_text().partition("VmHWM:")[2].split()[0]) * 1024
    children = (own / "task" / str(pid) / "children").read_text().split()
    return peak + sum(map(_most_memory, map(int, children)))


def test_a_full_disk_says_so_and_everything_goes_on_when_there_is_room(on_small_disk: Studio) -> None:
    studio = on_small_disk
    own_database = bool(studio.env["DATABASE_URL"])
    knowledge = library.base(studio, "papers")
    studio.start_workers("a")
    library.fill(studio, knowledge, DOCUMENTS)
    studio.wait(lambda: "indexing" in library.states(studio, knowledge), "nothing is indexed", 60)
    filler = studio.environment.data / "filler"
    _fill(filler)
    refused = library.add(studio, knowledge, "one-more.md", os.urandom(200_000))
    assert refused.status_code in ((507,) if own_database else (503, 507)), refused.text
    assert refused.json()["code"] in ("no_space", "database_unavailable"), refused.text
    if own_database:
        studio.wait(lambda: library.is_over(studio, knowledge), "not every document ended", 240)
        reasons = library.reasons(studio, knowledge)
        assert reasons, "the disk was not full enough"
        assert {reason["code"] for reason in reasons} == {"no_space"}, reasons
    else:
        studio.wait(lambda: _told_of_it(studio, knowledge), "nothing was said of the disk", 60)

    filler.unlink()

    for _ in range(2):
        studio.http.post(f"/knowledge/{knowledge}/documents/act", json={"action": "retry"}).raise_for_status()
        studio.wait(lambda: library.is_over(studio, knowledge), "not every document ended", 240)
    library.is_whole(studio, knowledge, DOCUMENTS)


def _fill(filler: Path) -> None:
    """Takes all the room that is left."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def _told_of_it(studio: Studio, knowledge: str) -> bool:
    """Says whether a document failed for want of room, or a worker wrote so where it could not."""
    return bool(library.states(studio, knowledge).get("failed")) or "disk" in studio.logs()
