"""A place to compute is added, checked and used: the run looks as always, its job and log are in sight."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conformance import slurm_cluster
from tests.e2e.drawn import newest_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMES = ("source", "source_port", "target", "target_port")
FLOW = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {
            "name": {"kind": "input", "settings": {"name": "who"}},
            "wait": {"kind": "bash", "settings": {"command": "sleep 1"}},
            "hello": {"kind": "prompt", "settings": {"template": "Hello {who}, from afar.{after}"}},
            "end": {"kind": "output", "settings": {"name": "said"}},
        },
        "edges": {
            f"e{number}": dict(zip(NAMES, wire, strict=True))
            for number, wire in enumerate(
                [
                    ("name", "output", "wait", "input"),
                    ("name", "output", "hello", "who"),
                    ("wait", "output", "hello", "after"),
                    ("hello", "output", "end", "value"),
                ]
            )
        },
    },
}


TALK = {
    **FLOW,
    "graph": {
        "nodes": {
            "ask": {"kind": "chat_input"},
            "say": {"kind": "prompt", "settings": {"template": "From afar: {text}"}},
            "end": {"kind": "chat_output"},
        },
        "edges": {
            "a": dict(zip(NAMES, ("ask", "text", "say", "text"), strict=True)),
            "b": dict(zip(NAMES, ("say", "output", "end", "text"), strict=True)),
        },
    },
}


def shown_of(page: Page, run_id: str) -> str:
    """Returns all that the page of a run tells, without times and without the job that it was."""
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_role("navigation", name="Steps").get_by_role("button")).to_have_count(5)
    expect(page.get_by_role("navigation", name="Steps")).to_contain_text("Command")
    expect(page.get_by_role("main")).to_contain_text("Hello Ada, from afar.")
    told = page.get_by_role("main").aria_snapshot()
    told = re.sub(r" *- group: Job on .*\n", "", told)
    return re.sub(r"[\d.]+ m?s\b|\d+ \w+ \d{4}, [\d:]+", "…", told)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[slurm_cluster.Cluster]:
    if slurm_cluster.missing() or os.geteuid() != 0:
        pytest.skip("needs root, slurm-wlm and munge")
    (tmp_path / "cluster").mkdir()
    with slurm_cluster.cluster(tmp_path / "cluster") as running:
        yield running


def test_a_cluster_is_added_checked_and_a_flow_runs_on_it(
    open_page: Callable[..., Page], api: httpx.Client, cluster: slurm_cluster.Cluster, tmp_path: Path
) -> None:
    page = open_page("/compute")
    expect(page.get_by_role("listitem", name="This machine")).to_be_visible()
    page.get_by_role("button", name="Add a backend").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("cluster-b")
    dialog.get_by_label("Folder").fill(str(tmp_path / "jobs"))
    (tmp_path / "wrong.conf").write_text("garbage\n")
    dialog.get_by_text("More settings").click()
    dialog.get_by_label("Configuration").fill(str(tmp_path / "wrong.conf"))
    dialog.get_by_role("button", name="Save and check").click()
    card = page.get_by_role("listitem", name="cluster-b")
    expect(card.get_by_role("status")).to_contain_text("Cannot be used.")

    card.get_by_role("button", name="More for cluster-b").click()
    page.get_by_role("menuitem", name="Change").click()
    dialog.get_by_label("Configuration").fill(str(cluster.config))
    dialog.get_by_role("button", name="Save and check").click()
    expect(card.get_by_role("status")).to_contain_text("Can be used. The Slurm controller answers.")

    card.get_by_role("button", name="More for cluster-b").click()
    page.get_by_role("menuitem", name="Send a tiny job").click()
    job = page.get_by_role("region", name="Job check")
    expect(job).to_contain_text("Flowloft", timeout=30_000)
    expect(job).to_contain_text("Succeeded", timeout=30_000)

    flow = api.post("flows", json={"name": "Far", "document": FLOW}).json()
    page.goto(f"/flows/{flow['id']}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("textbox", name="who").fill("Ada")
    page.get_by_role("combobox", name="Runs on").click()
    page.get_by_role("option", name="cluster-b").click()
    page.get_by_text("What the job gets").click()
    page.get_by_role("textbox", name="Minutes").fill("5")
    page.get_by_role("button", name="Show what will be submitted").click()
    shown = page.get_by_role("dialog")
    expect(shown).to_contain_text("sbatch --parsable")
    expect(shown).to_contain_text("--time=5:00")
    expect(shown).to_contain_text("flowloft.codegen.as_job")
    shown.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Run", exact=True).last.click()
    expect(page.get_by_label("Result")).to_contain_text("Hello Ada, from afar.", timeout=60_000)

    run = newest_run(api, page, flow["id"])
    assert run["status"] == "succeeded"
    page.goto(f"/runs/{run['id']}")
    page.get_by_text("Job on cluster-b").click()
    expect(page.get_by_role("region", name=re.compile("Job far-"))).to_contain_text(
        "The run ended: succeeded."
    )
    near = {"inputs": {"who": "Ada"}, "backend": "10ca1000-0000-4000-8000-000000000001"}
    here = api.post(f"flows/{flow['id']}/runs", json=near, headers={"Prefer": "wait=60"}).json()
    assert (here["backend"], here["status"]) == ("local", "succeeded")
    assert shown_of(page, run["id"]) == shown_of(page, here["id"]), "a run there is shown as one here"

    page.goto("/compute")
    row = page.get_by_role("button").filter(has_text="Run of a flow").first
    expect(row).to_contain_text("Succeeded")

    page.goto(f"/flows/{flow['id']}")
    holder = cluster.run("sbatch", "--parsable", "--gres=gpu:2", "--output=/dev/null", "--wrap=sleep 60")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("combobox", name="Runs on").click()
    page.get_by_role("option", name="cluster-b").click()
    page.get_by_text("What the job gets").click()
    page.get_by_role("textbox", name="GPUs").fill("1")
    page.get_by_role("button", name="Run", exact=True).last.click()
    expect(page.get_by_label("Result")).to_contain_text(
        "It waits in the queue of cluster-b. (Resources)", timeout=30_000
    )
    waits = api.get(f"runs?flow={flow['id']}").json()["results"][0]
    page.goto("/compute")
    page.get_by_role("listitem", name="cluster-b").get_by_role("button", name="Queue", exact=True).click()
    rows = page.get_by_role("region", name="Queue of cluster-b").get_by_role("row")
    expect(rows).to_have_count(3, timeout=20_000)
    first, mine = rows.all()[1:]
    expect(first).to_contain_text(holder.stdout.strip())
    expect(first).to_contain_text("Running")
    expect(mine).to_contain_text("In the queue")
    expect(mine).to_contain_text("Resources")
    mine.get_by_role("button", name=re.compile("far-")).click()
    expect(page.get_by_role("region", name=re.compile("Job far-"))).to_contain_text("given back")
    page.goto(f"/runs/{waits['id']}")
    expect(page.get_by_role("status").filter(has_text="(Resources)")).to_contain_text(
        "It begins as soon as other jobs have given back what it asks for."
    )
    page.get_by_role("button", name="Stop").last.click()
    expect(page.get_by_role("main")).to_contain_text("Stopped", timeout=30_000)
    cluster.run("scancel", holder.stdout.strip())

    talk = api.post("flows", json={"name": "Talk", "document": TALK}).json()
    page.goto(f"/flows/{talk['id']}?chat=1")
    page.get_by_role("combobox", name="Runs on").click()
    page.get_by_role("option", name="cluster-b").click()
    page.get_by_label("Message", exact=True).fill("Are you there?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("From afar: Are you there?")).to_be_visible(timeout=60_000)
    assert api.get(f"runs?flow={talk['id']}").json()["results"][0]["backend"] == run["backend"]

    page.goto("/compute")
    started = api.post(
        f"flows/{flow['id']}/runs", json={"inputs": {"who": "Bob"}, "backend": run["backend"]}
    ).json()
    waiting = page.get_by_role("button").filter(has_text=f"far-{started['id'][:8]}")
    waiting.click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(waiting).to_contain_text("Cancelled", timeout=30_000)
    assert api.get(f"runs/{started['id']}").json()["status"] == "cancelled"
