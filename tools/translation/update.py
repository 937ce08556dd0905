"""Bring the catalogues up to date: `python -m tools.translation.update` (`make catalogues`).

Texts that are new in the code are added without a translation, those that are gone are dropped,
and what the program reads is compiled. How many have no translation yet is printed. A translation
with other fields than its text is named with its file and line, and nothing is written.
"""

from __future__ import annotations

import argparse
import sys

from tools.translation.catalogues import FOLDER, as_po, compiled, forms, languages, updated
from tools.translation.extraction import PARTS, texts_of
from tools.translation.fields import wrong_fields


def main() -> int:
    """Update the parts that are named, or all; compile. Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args()
    unknown = set(asked.parts) - PARTS.keys()
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: say {', '.join(PARTS)}")
    wrong = [
        line
        for language in languages()
        for part in asked.parts or PARTS
        for line in wrong_fields(language, part)
    ]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    for language in languages():
        for part in asked.parts or PARTS:
            catalogue = updated(language, part, texts_of(part))
            (FOLDER / language / f"{part}.po").write_bytes(as_po(catalogue, language))
            missing = sum(not all(forms(message)) for message in catalogue if message.id)
            print(f"{language}/{part}: {len(catalogue)} texts, {missing} without a translation")
        for path, content in compiled(language).items():
            file = FOLDER / language / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
