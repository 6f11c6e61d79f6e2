"""What goes wrong is told in the language of the page. If this fails, people read English in a Chinese page,
or the catalogue holds sentences that nobody says any more."""

from __future__ import annotations

import ast
import json
import re

from scripts.error_codes import FOLDERS, ROOT, collect, text_of

WORDS = ROOT / "frontend/src/shared/i18n"
WORDED = ("server.ts", "run-words.ts", "finding-words.ts", "measure-words.ts")
GAP = "{…}"
MET = """
    address_refused already_answered answer_under_way bad_url cannot_add code_failed earlier_run_gone
    empty_file
    flow_has_errors has_errors http_status http_timeout http_too_large http_unreachable
    key_of_another_host loop_did_not_stop
    missing_input needs_a_person needs_packages no_choice no_files_taken no_key no_knowledge no_models
    no_space
    no_such_version not_a_list not_a_number not_answered not_on_backend not_published outcome_unknown
    provider_lacks redirect_refused run_is_over run_not_over sandbox_unavailable server_start_failed
    service_not_ready service_silent stale_revision too_many_files too_many_items too_many_redirects
    too_many_requests unexpected_error unknown_file unknown_input unknown_knowledge unknown_model unknown_node
    unreadable_picture value_not_kept wrong_password
"""
"""Codes that who draws, runs, chats and visits meets; others may stay English."""


def shape(sentence: str) -> str:
    """Returns a sentence without the names of what differs in it."""
    return re.sub(r"\{\w+\}", GAP, sentence)


def sentences(file: str) -> list[str]:
    """Returns what a file of the page tells in Chinese."""
    return [json.loads(one) for one in re.findall(r'msg\(\s*("(?:[^"\\]|\\.)*")', (WORDS / file).read_text())]


def test_errors_that_people_meet_have_their_chinese() -> None:
    known = {shape(one) for file in WORDED for one in sentences(file)}
    known |= set(json.loads((WORDS / "zh.json").read_text()))

    def english(text: str) -> list[str]:
        parts = [text] if text in known else re.split(r"(?<=[.!?])\s+", text)
        # Where all of it differs from case to case there is nothing to tell.
        return [one for one in parts if one not in known and re.search("[a-z]{3}", one.replace(GAP, ""))]

    raised = collect()
    assert [code for code in MET.split() if code not in raised] == []
    missing = {
        code: [part for case in raised[code] for said in case for part in english(said)]
        for code in MET.split()
    }
    assert {code: parts for code, parts in missing.items() if parts} == {}


REMARKING = ("runtime/flowloft/engine/compile", "runtime/flowloft/codegen")


def said_by(part: ast.expr) -> list[str]:
    """Returns what an argument may say: a text, each of two, or nothing that is known before."""
    if isinstance(part, ast.IfExp):
        return said_by(part.body) + said_by(part.orelse)
    return [text for text in [text_of(part)] if re.search("[a-z]{3}", text.replace(GAP, ""))]


def remarks() -> set[str]:
    """Returns every message and hint of the compiler's remarks."""
    found: set[str] = set()
    calls = [
        node
        for folder in REMARKING
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        named = [one.value for one in call.keywords if one.arg in ("message", "hint")]
        parts = call.args[1:3] if name == "tell" else named if name == "Finding" else []
        found.update(text for part in parts for text in said_by(part))
    return found


def test_every_remark_on_a_drawing_has_its_chinese() -> None:
    known = {shape(one) for file in WORDED for one in sentences(file)}
    said = remarks()
    assert len(said) > 50
    # “{…} {…}” of a noun that is counted is told for each noun.
    missing = {
        part
        for one in said
        for part in ([one] if one in known else re.split(r"(?<=[.!?])\s+", one))
        if part not in known
    }
    assert (
        missing
        - {"The flow has {…} {…}.", "“{…}” has no {…} called “{…}”.", "The flow that this node runs {…}."}
        == set()
    )


def test_what_is_wrong_with_a_setting_has_its_chinese() -> None:
    known = {re.sub(r"^“\{…\}”: ", "", shape(one)).rstrip(".") for one in sentences("finding-words.ts")}
    raised = {
        text_of(node.exc.args[0])
        for folder in (
            "runtime/flowloft/nodes",
            "runtime/flowloft/core/carried.py",
            "runtime/flowloft/core/forms.py",
        )
        for path in ([ROOT / folder] if folder.endswith(".py") else (ROOT / folder).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") == "ValueError"
    }
    assert len(raised) > 10
    # What another error says is told as that error.
    assert raised - known - {"{…} {…}"} == set()


def test_the_page_tells_no_sentence_of_runs_that_nobody_says() -> None:
    said = "\n".join(
        node.value
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    told = sentences("run-words.ts")
    assert len(told) > 150
    parts = {one: [part.strip(" .:“”") for part in shape(one).split(GAP)] for one in told}
    assert [one for one in told if any(part not in said for part in parts[one])] == []
