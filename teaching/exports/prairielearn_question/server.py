"""The question's code: it picks a variant, and says which rule a wrong answer follows."""

import json
import pathlib

FILE = pathlib.Path(__file__).parent / "variants.json"


def variants():
    """Return what is known of each variant."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def generate(data):
    """Set the numbers of the variant, and the right answers."""
    every = variants()
    which = int(data["variant_seed"]) % len(every)
    data["params"].update(every[which]["params"], which=which)
    data["correct_answers"].update(every[which]["answers"])


def grade(data):
    """Accept each way to write a right text, and say whose rule a wrong answer follows."""
    judged = variants()[data["params"]["which"]]["judged"]
    words = []
    for name, field in judged.items():
        given = data["submitted_answers"].get(name)
        result = data["partial_scores"].get(name)
        if given is None or result is None:
            continue
        if any(agrees(field, given, text) for text in field["accepted"]):
            result["score"] = 1
            continue
        for text, feedback in field["wrong"]:
            if agrees(field, given, text):
                result["feedback"] = feedback
                words.append(feedback)
                break
    data["feedback"]["words"] = list(dict.fromkeys(words))
    whole = sum(each.get("weight", 1) for each in data["partial_scores"].values())
    got = sum(
        each.get("weight", 1) * (each.get("score") or 0) for each in data["partial_scores"].values()
    )
    data["score"] = got / whole if whole else 0


def agrees(field, given, text):
    """Return whether an answer is this one: a number to its tolerance, a text without spaces."""
    if field["number"]:
        try:
            return abs(float(given) - float(text)) <= field["tolerance"] + 1e-9
        except (TypeError, ValueError):
            return False
    return plain(given) == plain(text)


def plain(text):
    """Return the text without spaces and capital letters."""
    return "".join(str(text).lower().split())
