"""What the canvas says, in the reader's language."""

from __future__ import annotations

from designer.i18n import Translator


def strings(t: Translator) -> dict[str, str]:
    """Of every canvas."""
    return {
        "canvas": t("The drawn flow"),
        "minimap": t("Overview"),
        "view": t("View"),
        "zoom_in": t("Zoom in"),
        "zoom_out": t("Zoom out"),
        "fit": t("Show everything (F)"),
        "turn": t("Turn: downwards or to the right"),
        "full_size": t("Full size"),
        "here": t("People here now"),
        "held": t("Held: somebody must decide"),
        "passed": t("Passed so far"),
        "ended": t("Ended here, before a way out"),
        "step": t("step"),
        "line": t("line"),
        "leads_to": t("{way} leads to {step}"),
        "share": t("{share} of all who left this step, {whole} of all who entered"),
    }


def editing_strings(t: Translator) -> dict[str, str]:
    """Of a canvas on which one draws. What stands in braces is filled in by the browser."""
    return {
        "palette": t("Steps to add"),
        "palette_show": t("Show the steps to add"),
        "palette_hide": t("Hide the steps to add"),
        "search": t("Search steps"),
        "nothing": t("No step is called that."),
        "add_how": t(
            "Drag a step onto the drawing or a line. Enter adds it behind the chosen one."
        ),
        "empty_add": t("Add the first step"),
        "add_on_line": t("Add a step on the line “{way}”"),
        "add_behind": t("Add a step behind “{way}”"),
        "add_title": t("Add a step"),
        "behind": t("behind {step}"),
        "also": t("Also behind"),
        "close": t("Close"),
        "cut_line": t("Remove the line “{way}”"),
        "open_exit": t("leads nowhere yet"),
        "duplicate": t("Duplicate"),
        "remove": t("Remove"),
        "add": t("Add a step behind it"),
        "ways": t("Where its ways lead"),
        "ways_title": t("Where “{step}” leads"),
        "nowhere": t("nowhere yet"),
        "note": t("Note"),
        "noted": t("Note: {text}"),
        "tidy": t("Tidy up"),
        "help": t("Keys"),
        "offline": t("Offline, will be sent"),
        "waiting": t("Changes that wait: {count}"),
        "chosen": t("Chosen steps: {count}"),
        "problems": t("Problems: {count}"),
        **_keys(t),
    }


def _keys(t: Translator) -> dict[str, str]:
    return {
        "keys_title": t("Keys of the drawing"),
        "k_walk": t("Go from step to step"),
        "k_order": t("Next or previous step in order"),
        "k_move": t("Move the chosen steps"),
        "k_open": t("Open the settings of a step"),
        "k_add": t("Add a step behind the chosen one"),
        "k_ways": t("Say where its ways lead"),
        "k_remove": t("Remove the chosen steps; the line closes"),
        "k_copy": t("Copy, cut, paste"),
        "k_duplicate": t("Duplicate"),
        "k_undo": t("Undo, redo"),
        "k_all": t("Choose all steps"),
        "k_more": t("Choose several: Ctrl and click, or Shift and draw a box"),
        "k_rename": t("Rename, write a note"),
        "k_tidy": t("Tidy up"),
        "k_search": t("Search the steps to add"),
        "k_view": t("Show everything, full size, nearer, farther"),
        "k_save": t("Save"),
        "k_leave": t("Choose nothing, close what is open"),
        "key_arrows": t("Arrows"),
    }
